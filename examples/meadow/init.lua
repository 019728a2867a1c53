-- Run once, before all other code: what it defines is there for every file.

-- Waving is a pose that ends by itself, like walking: the group greet starts it.
move.poses.wave = 'greet'

-- Who may hit whom; the library asks before every blow. Here players fight the
-- others and the others fight players, and nobody else.
function fight.hostile(attacker, target)
  return (attacker.type == 'players') ~= (target.type == 'players')
end
