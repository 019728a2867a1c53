local worth = object.components.worth or 0
if worth > 0 then
  objects.add('objects', {prefab = 'loot', x = object.x, y = object.y, z = object.z, components = {worth = worth}})
end
