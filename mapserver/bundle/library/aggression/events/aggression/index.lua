if not fight.alive(object) then return end -- resurrect starts it again
local prey = aggression.choose(object)
if prey then
  object.components.prey = prey.key
  aggression.chase(object, prey)
elseif object.components.prey then
  aggression.rest(object)
end
object.events.add('aggression')
