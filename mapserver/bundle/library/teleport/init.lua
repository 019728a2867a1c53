teleport = {}

-- Takes a player where a thing leads; false when it leads nowhere.
function teleport.go(player, thing)
  local to = thing.components.portal
  if not to or not move.able(player) then return false end
  player.events.move.remove() -- a way that was being walked ends here
  move.stop(player)
  player.x, player.y, player.z = to.x, to.y, to.z or player.z
  player.side = to.side or player.side
  -- Last, because the player is gone then. The place is kept for the other map.
  if to.map_id and to.map_id ~= map.id then player.map_id = to.map_id end
  return true
end

-- Being put onto a portal is no step, so two portals can lead to each other.
table.insert(move.over, teleport.go)
