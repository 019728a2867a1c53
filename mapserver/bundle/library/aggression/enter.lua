-- Each at a time of its own: a thousand enemies must not look in the same frame.
local look = object.events.aggression
if look then
  look.resetTime(2 * math.random())
  object.events.add('aggression')
end
