namespace MsVit.MLNet;

/// <summary>What is done to all frames of a sample alike: the reference's SNNAugmentWide.</summary>
internal enum FrameOperation
{
    /// <summary>Nothing.</summary>
    Identity,

    /// <summary>Rows slide against each other.</summary>
    ShearX,

    /// <summary>Moves right or left by whole pixels.</summary>
    TranslateX,

    /// <summary>Moves down or up by whole pixels.</summary>
    TranslateY,

    /// <summary>Turns about the center.</summary>
    Rotate,

    /// <summary>Empties a square.</summary>
    Cutout,
}

/// <summary>The 31 magnitudes of each operation, evenly spaced from minus to plus.</summary>
/// <remarks>The reference takes them from <c>torch.linspace</c> in float32, so its arithmetic is repeated here, and its errors with it:
/// a few whole numbers of pixels are missed by a hair and truncated to the one before (0.99999988 becomes 0).</remarks>
internal static class FrameMagnitude
{
    /// <summary>Magnitudes an operation has.</summary>
    public const int Bins = 31;

    /// <summary>The magnitude: radians for ShearX, degrees for Rotate, pixels before truncation for the translations, else 0.</summary>
    public static float Of(FrameOperation operation, int bin) => operation switch
    {
        FrameOperation.ShearX => Linspace(0.3f, bin),
        FrameOperation.TranslateX or FrameOperation.TranslateY => Linspace(5, bin),
        FrameOperation.Rotate => Linspace(30, bin),
        _ => 0,
    };

    // Torch's loop for AVX2: two vectors of eight counted up from their first elements, the rest one by one down from the end.
    private static float Linspace(float end, int bin)
    {
        const int Vector = 8;
        var step = (end + end) / (Bins - 1);
        if (bin >= 2 * Vector)
        {
            return MathF.FusedMultiplyAdd(-step, Bins - 1 - bin, end);
        }
        var first = (step * (bin / Vector * Vector)) - end;
        return first + (step * (bin % Vector));
    }
}
