import Phaser from 'phaser';
import tilesURL from '../../../examples/meadow/tiles.png';

/** The largest side of a picture that every graphics card takes. */
const largest = 4096;

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
    if (Math.max(map.width, map.height) * tile <= largest) this.#paint(scene);
    else this.#lay(scene);
  }

  /** Draws all layers into one picture, which is much less work in each frame. */
  #paint(scene: Phaser.Scene): void {
    const texture = scene.textures.createCanvas('ground', this.width * tile, this.height * tile)!;
    const to = texture.getContext();
    const tiles = scene.textures.get('tiles').getSourceImage() as HTMLImageElement;
    this.#each((id, x, y) => to.drawImage(tiles, id * tile, 0, tile, tile, x * tile, y * tile, tile, tile));
    texture.refresh();
    scene.add.image(0, 0, 'ground').setOrigin(0).setDepth(-10);
  }

  /** Lets Phaser draw the layers of a map that is too large for one picture. */
  #lay(scene: Phaser.Scene): void {
    const { map } = this;
    scene.cache.tilemap.add('ground', { format: Phaser.Tilemaps.Formats.TILED_JSON, data: map });
    const drawn = scene.make.tilemap({ key: 'ground' });
    const sets = map.tilesets.map(({ name }) => drawn.addTilesetImage(name, 'tiles')!);
    map.layers.filter((l) => l.type === 'tilelayer').forEach((l, i) => drawn.createLayer(l.name, sets)?.setDepth(i - 10));
  }

  /** Calls draw for each tile of each layer, with its number in the picture of tiles. */
  #each(draw: (id: number, x: number, y: number) => void): void {
    for (const layer of this.map.layers) {
      layer.data?.forEach((gid, i) => {
        if (gid > 0) draw(gid - (this.map.tilesets[0]?.firstgid ?? 1), i % this.width, Math.floor(i / this.width));
      });
    }
  }

  /** A picture with a pixel a tile, in the colours of the tiles. */
  miniature(tiles: CanvasImageSource): HTMLCanvasElement {
    const canvas = document.createElement('canvas');
    canvas.width = this.width;
    canvas.height = this.height;
    const to = canvas.getContext('2d')!;
    to.imageSmoothingQuality = 'low';
    this.#each((id, x, y) => to.drawImage(tiles, id * tile + 4, 4, 8, 8, x, y, 1, 1));
    return canvas;
  }
}
