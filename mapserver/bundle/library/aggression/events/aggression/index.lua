if not fight.alive(object) then return end -- resurrect starts it again
object.events.add('aggression') -- before the rest, so that a fault there does not end it
local prey = aggression.choose(object)
local chasing = object.components.prey
if prey then
  object.components.prey = prey.key
  if not chasing then object.events.aggression.resetTime() end -- quicker from now on
  aggression.chase(object, prey)
elseif chasing then
  aggression.rest(object)
end
