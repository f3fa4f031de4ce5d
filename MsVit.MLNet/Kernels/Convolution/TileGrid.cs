using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Images cut into tiles of 4 x 4 outputs. A tile reads 6 x 6 inputs, so neighboring tiles overlap.</summary>
/// <param name="Images">The number of images.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Width">In pixels.</param>
internal readonly record struct TileGrid(long Images, int Height, int Width)
{
    /// <summary>Outputs of a tile per direction.</summary>
    public const int Outputs = 4;

    /// <summary>Inputs of a tile per direction.</summary>
    public const int Inputs = Outputs + 2;

    /// <summary>Inputs of a tile, which is also the number of products per pair of channels.</summary>
    public const int Positions = Inputs * Inputs;

    private int Down => (Height + Outputs - 1) / Outputs;

    private int Across => (Width + Outputs - 1) / Outputs;

    /// <summary>The number of tiles.</summary>
    public long Count => Images * Down * Across;

    /// <summary>Outputs computed per output needed: above 1 if tiles hang over the border.</summary>
    public double Excess => (double)Down * Across * Outputs * Outputs / ((double)Height * Width);

    /// <summary>The grid over images [B, C, H, W].</summary>
    public static TileGrid Over(Tensor images) => new(images.shape[0], checked((int)images.shape[2]), checked((int)images.shape[3]));

    /// <summary>The image and the first output of a tile.</summary>
    public (long Image, int Row, int Column) At(long tile)
    {
        var inImage = (int)(tile % (Down * Across));
        return (tile / (Down * Across), inImage / Across * Outputs, inImage % Across * Outputs);
    }
}
