-- The time that a step takes. speed is in tiles per second.
local speed = object.speed
if speed and speed > 0 then return 1 / speed end
return 0.2
