-- A prefab says only hp: 30, and 30 is then the most it can have.
local c = object.components
if c.maxHp == nil and c.hp and c.hp > 0 then c.maxHp = c.hp end
