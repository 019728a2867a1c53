fight = {
  -- The groups whose pending events end with a death. A bundle adds its own in
  -- its init.lua: table.insert(fight.ends, 'dance')
  ends = {'move', 'fight', 'idle', 'regeneration', 'aggression', 'wander'},
  -- The groups that begin anew when somebody comes back to life.
  begins = {'aggression', 'wander'},
}

-- Can be hit: has hit points, and some left.
function fight.alive(entity)
  local hp = entity.components.hp
  return hp ~= nil and hp > 0
end

-- Who may hit whom: everybody everything but their own kind. A bundle that wants
-- players to fight players defines this function anew in its init.lua.
function fight.hostile(attacker, target)
  return attacker.type ~= target.type
end

-- How much a blow takes. To be defined anew for armour, luck or weapons.
function fight.damage(attacker, target)
  return attacker.components.damage
end

-- Whether a blow gets there.
function fight.reaches(attacker, target)
  local dx, dy, range = target.x - attacker.x, target.y - attacker.y, attacker.components.range
  return dx * dx + dy * dy <= range * range
end

-- Whether the attacker may hit the target, near or far.
function fight.can(attacker, target)
  return target.key ~= attacker.key and fight.alive(target) and fight.hostile(attacker, target)
end

-- Whom a blow hits: the wished one, or the nearest ahead; nil is nobody.
function fight.find(attacker, key)
  if key then
    local target = objects[key]
    return target and fight.can(attacker, target) and fight.reaches(attacker, target) and target or nil
  end
  for _, target in ipairs(objects.near(attacker.x, attacker.y, attacker.components.range)) do
    if fight.faces(attacker, target) and fight.can(attacker, target) then return target end
  end
end

-- A quarter of the directions is ahead, corners included: who stands up and to
-- the right is faced from both. On the same tile one cannot miss.
function fight.faces(attacker, target)
  local dx, dy, side = target.x - attacker.x, target.y - attacker.y, attacker.side
  if dx == 0 and dy == 0 then return true end
  if side == 'left' or side == 'right' then
    return math.abs(dx) >= math.abs(dy) and (dx < 0) == (side == 'left')
  end
  return math.abs(dy) >= math.abs(dx) and (dy < 0) == (side == 'up')
end

-- Takes hit points. attacker may be nil: a trap, hunger.
function fight.hit(attacker, target, damage)
  local c = target.components
  c.hurtBy = attacker and attacker.key
  c.hp = math.max(0, c.hp - damage) -- components/hp.lua does the rest
end

-- Ends what the entity was about to do.
function fight.die(entity)
  entity.action = 'dead'
  for _, group in ipairs(fight.ends) do
    local pending = entity.events[group]
    if pending then pending.remove() end
  end
  entity.events.add('death')
end

-- Back to life: hit points have been given to a dead entity.
function fight.revive(entity)
  entity.action = 'idle'
  entity.components.hurtBy = nil
  for _, group in ipairs(fight.begins) do
    if entity.events[group] then entity.events.add(group) end
  end
end

-- Adds an event for after the pause of its group, where add alone would run a
-- group's first event at once. One that is pending already is kept.
function fight.later(entity, group, action)
  local events = entity.events
  local pending = events[group]
  if pending and not pending.action then
    pending.resetTime()
    events.add(group, action or 'index')
  end
end
