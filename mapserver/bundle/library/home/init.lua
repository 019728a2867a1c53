home = {}

-- Puts an entity where it is at home, on another map if need be.
function home.bring(entity)
  local place = entity.components.home
  if not place then return end
  entity.x, entity.y, entity.z = place.x, place.y, place.z or entity.z
  if place.map_id and place.map_id ~= map.id and entity.type == 'players' then
    entity.map_id = place.map_id
  end
end

-- How far an entity is from home, in tiles; 0 when its home is on another map.
function home.distance(entity)
  local place = entity.components.home
  if not place or place.map_id ~= map.id then return 0 end
  return math.sqrt((entity.x - place.x) ^ 2 + (entity.y - place.y) ^ 2)
end
