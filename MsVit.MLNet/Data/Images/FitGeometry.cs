namespace MsVit.MLNet;

/// <summary>The whole numbers of a fit: resize to a size, take a window of it, put that at a place in the target.</summary>
/// <param name="ResizedWidth">The width that the whole image is resized to.</param>
/// <param name="ResizedHeight">The height that the whole image is resized to.</param>
/// <param name="Window">The part of the resized image that is kept.</param>
/// <param name="OffsetX">The column of the target at which the window begins.</param>
/// <param name="OffsetY">The row of the target at which the window begins.</param>
internal readonly record struct FitGeometry(int ResizedWidth, int ResizedHeight, PixelBox Window, int OffsetX, int OffsetY)
{
    /// <param name="width">The width of the image.</param>
    /// <param name="height">The height of the image.</param>
    /// <param name="targetWidth">The width of the target.</param>
    /// <param name="targetHeight">The height of the target.</param>
    /// <param name="fit">How the shapes are matched.</param>
    /// <param name="cropFraction">For the center crop: the share of the covering size that is kept, in (0, 1].</param>
    public static FitGeometry Of(int width, int height, int targetWidth, int targetHeight, ImageFit fit, double cropFraction)
    {
        switch (fit)
        {
            case ImageFit.Stretch:
                return new(targetWidth, targetHeight, new(0, 0, targetWidth, targetHeight), 0, 0);
            case ImageFit.Pad:
                {
                    var (w, h) = Proportional(width, height, targetWidth, targetHeight, cover: false);
                    return new(w, h, new(0, 0, w, h), (targetWidth - w) / 2, (targetHeight - h) / 2);
                }
            default:
                {
                    var (w, h) = Proportional(width, height, (int)(targetWidth / cropFraction), (int)(targetHeight / cropFraction),
                        cover: true);
                    return new(w, h, new(Centered(w, targetWidth), Centered(h, targetHeight), targetWidth, targetHeight), 0, 0);
                }
        }
    }

    /// <summary>One side takes the given size; the other follows in proportion, truncated, and covers or fits into its own.</summary>
    private static (int Width, int Height) Proportional(int width, int height, int boxWidth, int boxHeight, bool cover)
    {
        var widthLeads = (long)boxWidth * height >= (long)boxHeight * width == cover;
        return widthLeads
            ? (boxWidth, Limit((int)((long)boxWidth * height / width), boxHeight))
            : (Limit((int)((long)boxHeight * width / height), boxWidth), boxHeight);

        int Limit(int side, int box) => cover ? Math.Max(side, box) : Math.Clamp(side, 1, box);
    }

    /// <summary>Half of what is cut off goes first; a half pixel is rounded to even, as torchvision does.</summary>
    private static int Centered(int size, int kept) => (int)Math.Round((size - kept) / 2.0, MidpointRounding.ToEven);
}
