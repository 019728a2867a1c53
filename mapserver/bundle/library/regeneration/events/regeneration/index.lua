local c = object.components
local most = c.maxHp or c.hp
if c.hp <= 0 or c.hp >= most or c.regen <= 0 then return end
c.hp = math.min(most, c.hp + c.regen)
if c.hp < most then object.events.add('regeneration') end
