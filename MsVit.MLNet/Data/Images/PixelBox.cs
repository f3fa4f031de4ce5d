namespace MsVit.MLNet;

/// <summary>A rectangle of pixels.</summary>
/// <param name="Left">The first column, from 0.</param>
/// <param name="Top">The first row, from 0.</param>
/// <param name="Width">The number of columns, at least 1.</param>
/// <param name="Height">The number of rows, at least 1.</param>
internal readonly record struct PixelBox(int Left, int Top, int Width, int Height);
