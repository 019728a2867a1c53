aggression = {}

-- Whom to chase: who hit us, while not far away, else the nearest player in
-- sight; nobody when home is too far.
function aggression.choose(hunter)
  local c = hunter.components
  if home.distance(hunter) > c.leash then return nil end
  local attacker = c.hurtBy and objects[c.hurtBy]
  if attacker and fight.can(hunter, attacker) then
    local dx, dy = attacker.x - hunter.x, attacker.y - hunter.y
    if dx * dx + dy * dy <= 4 * c.sight * c.sight then return attacker end
  end
  for _, player in ipairs(objects.near(hunter.x, hunter.y, c.sight, 'players')) do
    if fight.can(hunter, player) then return player end
  end
end

-- Hits the prey when it is in reach, else goes there.
function aggression.chase(hunter, prey)
  local events = hunter.events
  if fight.reaches(hunter, prey) then
    events.move.remove()
    events.add('fight', 'attack', {target = prey.key})
  else
    events.add('move', 'to', {x = prey.x, y = prey.y, near = hunter.components.range})
  end
end

-- Forgets and goes home.
function aggression.rest(hunter)
  local c = hunter.components
  c.prey, c.hurtBy = nil, nil
  if c.home and c.home.map_id == map.id then
    hunter.events.add('move', 'to', {x = c.home.x, y = c.home.y})
  end
end
