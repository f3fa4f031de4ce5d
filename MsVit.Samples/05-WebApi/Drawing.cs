using Microsoft.ML.Data;

namespace MsVit.Samples.WebApi;

/// <summary>An image from the drawing area of the page.</summary>
internal static class Drawing
{
    /// <summary>Refuses an image in which nothing was drawn: a network would name a class for it all the same.</summary>
    /// <param name="encoded">An image whose size has been checked and that can be decoded.</param>
    /// <exception cref="BadHttpRequestException">All pixels have the same color.</exception>
    public static void RefuseBlank(ReadOnlyMemory<byte> encoded)
    {
        using var stream = new MemoryStream(encoded.ToArray(), writable: false);
        using var image = MLImage.CreateFromStream(stream);
        var pixels = image.Pixels;
        var first = pixels[..(image.BitsPerPixel / 8)];
        for (var i = first.Length; i < pixels.Length; i += first.Length)
        {
            if (!pixels.Slice(i, first.Length).SequenceEqual(first))
            {
                return;
            }
        }
        throw new BadHttpRequestException("Nothing was drawn: all pixels of the image have the same color. Draw something first.");
    }
}
