-- Who left the game dead waits again when coming back, but does come back.
local c = object.components
if c.hp and c.hp <= 0 and c.resurrectAfter >= 0 then fight.later(object, 'resurrect') end
