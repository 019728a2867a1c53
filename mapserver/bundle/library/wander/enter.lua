-- Each at a time of its own, not all in the same frame.
local walk = object.events.wander
if walk then
  walk.resetTime(10 * math.random())
  object.events.add('wander')
end
