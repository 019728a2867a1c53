-- Runs whenever hp changes, whatever changed it, and when somebody enters.
if value == nil then return end
local dead = object.action == 'dead'
if value <= 0 then
  if not dead then fight.die(object) end
  return
end
if dead then fight.revive(object) end
if value < (object.components.maxHp or value) then
  fight.later(object, 'regeneration') -- where the world has it
end
