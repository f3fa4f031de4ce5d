namespace MsVit.MLNet.Events;

/// <summary>A box of pixels of the sensor.</summary>
/// <param name="Left">Its first column, 0 or more.</param>
/// <param name="Top">Its first row, 0 or more.</param>
/// <param name="Width">Columns, 1 or more.</param>
/// <param name="Height">Rows, 1 or more.</param>
public readonly record struct EventCrop(int Left, int Top, int Width, int Height);
