namespace MsVit.MLNet.Events;

/// <summary>The size of an event camera's sensor.</summary>
/// <param name="Width">The width in pixels, 1 to 65,535.</param>
/// <param name="Height">The height in pixels, 1 to 65,535.</param>
public readonly record struct SensorSize(int Width, int Height)
{
    /// <summary>Formats the size, width first: <c>128 x 128</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Width} x {Height}";
}
