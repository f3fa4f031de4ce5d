namespace MsVit.MLNet.Kernels;

/// <summary>Gathers the pixels of a tile and transforms them.</summary>
internal static unsafe class TilePixels
{
    private const int In = TileGrid.Inputs, Out = TileGrid.Outputs, CacheLine = 64;

    /// <summary>Floats from one position of the transformed tiles to the next.</summary>
    /// <param name="tiles">The number of tiles.</param>
    /// <param name="channels">The channels of a tile.</param>
    /// <remarks>A cache line is added, so that the positions of a channel do not fall into the same cache set.</remarks>
    public static nint Position(int tiles, int channels) => (nint)tiles * channels + CacheLine / sizeof(float);

    /// <summary>Transforms the inputs of a tile.</summary>
    /// <param name="grid">The grid of tiles.</param>
    /// <param name="tile">The index of the tile.</param>
    /// <param name="images">[B, H, W, C].</param>
    /// <param name="channels">C.</param>
    /// <param name="border">C zeros, for pixels outside.</param>
    /// <param name="target">Where the first channel of the first position goes.</param>
    /// <param name="position">Floats from one position to the next.</param>
    public static void Load<T, TElement>(
        TileGrid grid, long tile, TElement* images, int channels, TElement* border, float* target, nint position)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var pixels = stackalloc TElement*[In * In];
        var (image, row, column) = grid.At(tile);
        for (var i = 0; i < In; i++)
        {
            for (var j = 0; j < In; j++)
            {
                pixels[i * In + j] = Find(grid, image, row + i - 1, column + j - 1, images, channels, border);
            }
        }
        TileTransforms.Input<T, TElement>(pixels, channels, target, position);
    }

    /// <summary>Transforms the outputs of a tile back.</summary>
    /// <param name="grid">The grid of tiles.</param>
    /// <param name="tile">The index of the tile.</param>
    /// <param name="source">The first channel of the first position.</param>
    /// <param name="position">Floats from one position to the next.</param>
    /// <param name="images">[B, H, W, C].</param>
    /// <param name="channels">C.</param>
    public static void Store<T, TElement>(TileGrid grid, long tile, float* source, nint position, TElement* images, int channels)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var pixels = stackalloc TElement*[Out * Out];
        FindOutputs(grid, tile, images, channels, null, pixels);
        TileTransforms.Output<T, TElement>(source, position, channels, pixels);
    }

    /// <summary>Transforms the gradients of a tile's outputs, into the panels of <see cref="PanelProducts"/>.</summary>
    /// <param name="grid">The grid of tiles.</param>
    /// <param name="tile">The index of the tile.</param>
    /// <param name="images">[B, H, W, C].</param>
    /// <param name="channels">C.</param>
    /// <param name="border">C zeros, for pixels outside.</param>
    /// <param name="target">Where the panels of the first position begin.</param>
    /// <param name="position">Floats from one position to the next.</param>
    /// <param name="row">The tile's row in the panels.</param>
    /// <param name="rows">The rows of the panels.</param>
    public static void LoadGradient<T, TElement>(
        TileGrid grid, long tile, TElement* images, int channels, TElement* border, float* target, nint position, int row, int rows)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var pixels = stackalloc TElement*[Out * Out];
        FindOutputs(grid, tile, images, channels, border, pixels);
        for (var column = 0; column < channels; column += PanelProducts.Panel)
        {
            var width = PanelProducts.PanelWidth(column, channels);
            var panel = target + PanelProducts.PanelOffset(column, rows);
            TileTransforms.Gradient<T, TElement>(pixels, column, column + width, panel + (nint)row * width, position);
        }
    }

    private static void FindOutputs<TElement>(
        TileGrid grid, long tile, TElement* images, int channels, TElement* outside, TElement** pixels)
        where TElement : unmanaged
    {
        var (image, row, column) = grid.At(tile);
        for (var i = 0; i < Out; i++)
        {
            for (var j = 0; j < Out; j++)
            {
                pixels[i * Out + j] = Find(grid, image, row + i, column + j, images, channels, outside);
            }
        }
    }

    private static TElement* Find<TElement>(
        TileGrid grid, long image, int row, int column, TElement* images, int channels, TElement* outside)
        where TElement : unmanaged =>
        (uint)row < (uint)grid.Height && (uint)column < (uint)grid.Width
            ? images + (((nint)image * grid.Height + row) * grid.Width + column) * channels
            : outside;
}
