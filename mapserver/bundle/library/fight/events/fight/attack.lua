if not fight.alive(object) then return end
local target = fight.find(object, data.target)
local last = object.components.blow
-- The count makes every blow a change, so that clients see each.
local blow = {n = (last and last.n or 0) + 1}
object.action = 'attack'
if target then
  blow.target, blow.damage = target.key, fight.damage(object, target)
  object.side = move.side(target.x - object.x, target.y - object.y)
end
object.components.blow = blow
move.rest(object)
if target then fight.hit(object, target, blow.damage) end
