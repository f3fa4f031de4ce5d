using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Images cut into tiles of 4 x 4 outputs; each needs 6 x 6 inputs, which overlap and hang over the border by one.</summary>
/// <param name="Images">How many there are.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Width">In pixels.</param>
internal readonly record struct TileGrid(long Images, int Height, int Width)
{
    /// <summary>Outputs of a tile in one direction.</summary>
    public const int Outputs = 4;

    /// <summary>Inputs of a tile in one direction, and coefficients of its polynomial.</summary>
    public const int Inputs = Outputs + 2;

    /// <summary>Inputs of a tile, and the number of products that make its outputs.</summary>
    public const int Positions = Inputs * Inputs;

    private int Down => (Height + Outputs - 1) / Outputs;

    private int Across => (Width + Outputs - 1) / Outputs;

    /// <summary>How many tiles there are.</summary>
    public long Count => Images * Down * Across;

    /// <summary>Outputs computed for each that is wanted: above 1 where tiles hang over the border.</summary>
    public double Excess => (double)Down * Across * Outputs * Outputs / ((double)Height * Width);

    /// <summary>The grid over images [B, C, H, W].</summary>
    public static TileGrid Over(Tensor images) => new(images.shape[0], checked((int)images.shape[2]), checked((int)images.shape[3]));

    /// <summary>The image of a tile, and its first output.</summary>
    public (long Image, int Row, int Column) At(long tile)
    {
        var inImage = (int)(tile % (Down * Across));
        return (tile / (Down * Across), inImage / Across * Outputs, inImage % Across * Outputs);
    }
}
