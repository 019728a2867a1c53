-- Only the first time: who comes back, or from another map, keeps their home.
if not object.components.home then
  object.components.home = {map_id = map.id, x = object.x, y = object.y, z = object.z}
end
