local nobody = objects['players_0']
nobody.x = 1
