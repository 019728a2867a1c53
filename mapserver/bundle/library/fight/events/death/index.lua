-- What follows from a death, as far as the world uses the features for it. The
-- killer's key is in object.components.hurtBy.
local events = object.events
if events.loot and object.type ~= 'players' then events.add('loot', 'drop') end
if events.resurrect and object.components.resurrectAfter >= 0 then
  fight.later(object, 'resurrect')
end
