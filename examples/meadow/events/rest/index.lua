for _, thing in ipairs(objects.near(object.x, object.y, 2, 'objects')) do
  if thing.prefab == 'bell' then
    local c = object.components
    if fight.alive(object) then c.hp = math.min(c.maxHp, c.hp + 10) end
    object.events.add('save') -- a group of the system: the player is saved now
    object.send({saved = true})
    return
  end
end
object.send({saved = false, why = 'Rest beside the bell in the village.'})
