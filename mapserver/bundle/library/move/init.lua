move = {
  -- The ways being walked, by entity key. They are only a memory: after a reload
  -- of the code they are found again.
  routes = {},
  -- How many tiles a search for a way may visit: bounds what one click can cost.
  limit = 3000,
  -- Functions (player, thing) that are run for every object that a player steps
  -- on. Features and bundles add theirs: table.insert(move.over, function ... end)
  over = {},
  -- The poses that end by themselves, and the groups whose events put an entity
  -- into them. A bundle adds its own: move.poses.wave = 'greet'
  poses = {walk = 'move', attack = 'fight'},
}

-- The dead cannot walk. Who has no hp at all (there is no fight) can.
function move.able(entity)
  local hp = entity.components.hp
  return hp == nil or hp > 0
end

-- The side that one looks to for something dx, dy away.
function move.side(dx, dy)
  if math.abs(dx) >= math.abs(dy) then
    return dx < 0 and 'left' or 'right'
  end
  return dy < 0 and 'up' or 'down'
end

-- Puts an entity on a tile and tells whether it is there: not when the tile is
-- blocked, nor when something that it stepped on took it elsewhere.
function move.step(entity, x, y, side)
  entity.side = side
  if not map.walkable(x, y) then return false end
  entity.x, entity.y, entity.action = x, y, 'walk'
  if #move.over > 0 and entity.type == 'players' then
    for _, thing in ipairs(objects.near(x, y, 0.9, 'objects')) do
      for _, run in ipairs(move.over) do run(entity, thing) end
    end
  end
  return entity.x == x and entity.y == y
end

-- One step by a player's key or an NPC's wish.
function move.walk(entity, dx, dy, side)
  if not move.able(entity) then return end
  move.step(entity, entity.x + dx, entity.y + dy, side)
  move.rest(entity)
end

-- Sees to it that a pose ends. One event a second while something moves, none
-- for who stands still.
function move.rest(entity)
  local idle = entity.events.idle
  if not idle.action then
    idle.resetTime() -- a group's first event would run at once
    entity.events.add('idle')
  end
end

-- Stands still.
function move.stop(entity)
  move.routes[entity.key] = nil
  if entity.action == 'walk' then entity.action = 'idle' end
end

-- The next tile on the way to (x, y); nil when there is none. The way is found
-- once, and again only when the goal or the walker is not where it should be.
function move.next(entity, x, y)
  x, y = math.floor(x), math.floor(y)
  local key, fx, fy = entity.key, math.floor(entity.x), math.floor(entity.y)
  local route = move.routes[key]
  if not route or route.x ~= x or route.y ~= y or route.fx ~= fx or route.fy ~= fy then
    route = {x = x, y = y, tiles = map.path(fx, fy, x, y, move.limit) or {}, at = 0}
    move.routes[key] = route
  end
  route.at = route.at + 1
  local tile = route.tiles[route.at]
  if tile then route.fx, route.fy = tile.x, tile.y end
  return tile
end
