import Phaser from 'phaser';
import tilesURL from '../../../examples/meadow/tiles.png';

/** Tiles are drawn at this size in pixels of the world. */
export const tile = 16;
export { tilesURL };

/** What is read of a Tiled map. */
export interface TiledMap {
  width: number;
  height: number;
  tilewidth: number;
  tileheight: number;
  tilesets: { firstgid: number; name: string; tiles?: { id: number; properties?: { name: string; value: unknown }[] }[] }[];
  layers: { name: string; type: string; data?: number[] }[];
}

/** The ground of a map: its layers as Phaser draws them, and a small picture. */
export class Ground {
  readonly width: number;
  readonly height: number;

  constructor(scene: Phaser.Scene, readonly map: TiledMap) {
    this.width = map.width;
    this.height = map.height;
    scene.cache.tilemap.add('ground', { format: Phaser.Tilemaps.Formats.TILED_JSON, data: map });
    const drawn = scene.make.tilemap({ key: 'ground' });
    const sets = map.tilesets.map(({ name }) => drawn.addTilesetImage(name, 'tiles')!);
    map.layers.filter((l) => l.type === 'tilelayer').forEach((l, i) => drawn.createLayer(l.name, sets)?.setDepth(i - 10));
  }

  /** A picture with a pixel a tile, in the colours of the tiles. */
  miniature(tiles: CanvasImageSource): HTMLCanvasElement {
    const canvas = document.createElement('canvas');
    canvas.width = this.width;
    canvas.height = this.height;
    const to = canvas.getContext('2d')!;
    to.imageSmoothingQuality = 'low';
    for (const layer of this.map.layers) {
      layer.data?.forEach((gid, i) => {
        if (gid === 0) return;
        const id = gid - (this.map.tilesets[0]?.firstgid ?? 1);
        to.drawImage(tiles, id * tile + 4, 4, 8, 8, i % this.width, Math.floor(i / this.width), 1, 1);
      });
    }
    return canvas;
  }
}
