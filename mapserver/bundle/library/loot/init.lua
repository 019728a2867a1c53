loot = {}

-- Gives a player the gold of an object and tells how much it was. Others have no
-- purse.
function loot.take(player, thing)
  local worth = thing.components.worth or 0
  if worth <= 0 or player.type ~= 'players' or not move.able(player) then return 0 end
  thing.components.worth = 0 -- first of all: nobody takes it twice
  player.components.gold = player.components.gold + worth
  player.send({loot = {key = thing.key, gold = worth}})
  if thing.prefab == 'loot' then
    thing.remove()
  else
    thing.action = 'open'
  end
  return worth
end

table.insert(move.over, loot.take)
