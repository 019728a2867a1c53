-- Run whenever the worth of an entity changes. The library has no code of its own
-- for it: an emptied chest that fills again is this game's idea.
if object.prefab == 'chest' and value == 0 then
  fight.later(object, 'refill') -- after the group's timeout
end
