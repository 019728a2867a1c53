-- Everybody sees the wave as an animation and a counter that goes up.
object.action = 'wave'
object.components.waves = object.components.waves + 1
move.rest(object) -- the library ends the pose after a while

-- Whoever is waved at is told, and nobody else.
local other = data.target and objects[data.target]
if other and other.type == 'players' then
  other.send({wave = {from = object.login}})
end
