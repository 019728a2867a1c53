wander = {
  -- How far away a player still counts as watching, in tiles.
  watched = 20,
}

-- Sends an entity for a walk near its home.
function wander.walk(entity)
  local c = entity.components
  local place, r = c.home or entity, math.floor(c.roam)
  local goal = map.free(math.floor(place.x) - r, math.floor(place.y) - r, 2 * r + 1, 2 * r + 1)
  if goal then entity.events.add('move', 'to', {x = goal.x, y = goal.y}) end
end

-- Tells whether there is a reason to walk: somebody sees it, nothing better to do.
function wander.free(entity)
  if not move.able(entity) or entity.components.prey then return false end
  return #objects.near(entity.x, entity.y, wander.watched, 'players') > 0
end
