-- Which group's events put the entity into its pose. Others (dead, say) are not
-- ours to end.
local group = object.events[move.poses[object.action] or '']
if not group then return end
-- A quarter of a second's grace: a walking client's next command is on its way.
if group.action or group.time > microtime() - 0.25 then
  object.events.add('idle')
else
  object.action = 'idle'
end
