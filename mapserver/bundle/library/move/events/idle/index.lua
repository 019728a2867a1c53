-- Which group's events put the entity into its pose. Others (dead, a bundle's
-- own) are not ours to end.
local groups = {walk = 'move', attack = 'fight'}
local group = object.events[groups[object.action] or '']
if not group then return end
-- A quarter of a second's grace: a walking client's next command is on its way.
if group.action or group.time > microtime() - 0.25 then
  object.events.add('idle')
else
  object.action = 'idle'
end
