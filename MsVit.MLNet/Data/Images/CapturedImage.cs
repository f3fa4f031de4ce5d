namespace MsVit.MLNet;

/// <summary>An image as a row held it, in memory of its own; no image is set where the row had none.</summary>
/// <param name="Source">The row and, where known, the file; for messages.</param>
internal readonly record struct CapturedImage(string Source)
{
    /// <summary>The bytes of an image file.</summary>
    public byte[]? Encoded { get; init; }

    /// <summary>A decoded image.</summary>
    public RgbImage? Image { get; init; }

    /// <summary>Event frames as bytes; empty where the row had none.</summary>
    public byte[]? Frames { get; init; }

    /// <summary>A pixel vector, or event frames as floats.</summary>
    public float[]? Vector { get; init; }
}
