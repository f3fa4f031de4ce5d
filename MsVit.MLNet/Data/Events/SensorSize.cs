namespace MsVit.MLNet.Events;

/// <summary>The pixels of an event camera.</summary>
/// <param name="Width">Columns, 1 to 65,535.</param>
/// <param name="Height">Rows, 1 to 65,535.</param>
public readonly record struct SensorSize(int Width, int Height)
{
    /// <summary>As it is spoken: <c>128 x 128</c>, width first.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Width} x {Height}";
}
