using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>A look at the rows of images before they are read: how many there are, and how large the images are.</summary>
/// <param name="Rows">The rows with a label; all rows if the label is not a key.</param>
/// <param name="ShorterSide">The median of the shorter side of some images, in pixels; null if none could be read.</param>
internal sealed record InputSurvey(int Rows, int? ShorterSide)
{
    private const int MostSizes = 64;

    /// <summary>Counts the rows in one pass, and reads the size of up to 64 images that are spread over them.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="labelColumn">The label.</param>
    /// <param name="imageColumn">The images.</param>
    /// <returns>Null if a column is missing, or does not hold images whose pixels are bytes.</returns>
    public static InputSurvey? Of(IDataView data, string labelColumn, string imageColumn)
    {
        if (data.Schema.GetColumnOrNull(labelColumn) is not { } label || data.Schema.GetColumnOrNull(imageColumn) is not { } column
            || InputColumn.From(column) is not { Kind: not InputColumnKind.PixelVector, IsFrames: false } input)
        {
            return null;
        }
        using var cursor = data.GetRowCursor([label, column]);
        var key = label.Type is KeyDataViewType ? KeyColumn.IndexReader(cursor, label) : static () => 0;
        var size = SizeReader(cursor, column, input);
        // The number of rows may be unknown: when there are too many sizes, every second one is dropped.
        var (rows, step, sides) = (0, 1, new List<int>());
        while (InputFault.MoveNext(cursor))
        {
            if (key() < 0)
            {
                continue;
            }
            if (rows++ % step == 0)
            {
                sides.Add(Read(size));
                if (sides.Count > MostSizes)
                {
                    sides = [.. sides.Where((_, place) => place % 2 == 0)];
                    step *= 2;
                }
            }
        }
        int[] known = [.. sides.Where(side => side > 0).Order()];
        return new(rows, known.Length == 0 ? null : known[known.Length / 2]);
    }

    // An image that cannot be read is the training's to report.
    private static int Read(Func<int> size)
    {
        try
        {
            return size();
        }
        catch (Exception e) when (InputFault.IsOfRow(e) || e is UndecodableImageException)
        {
            return 0;
        }
    }

    private static Func<int> SizeReader(DataViewRowCursor cursor, DataViewSchema.Column column, InputColumn input)
    {
        if (input.Kind == InputColumnKind.PixelBytes)
        {
            var shape = PixelVectorShape.FromDimensions(input.Dimensions)!;
            return () => Math.Min(shape.Height, shape.Width);
        }
        if (input.Kind == InputColumnKind.Encoded)
        {
            VBuffer<byte> bytes = default;
            var encoded = cursor.GetGetter<VBuffer<byte>>(column);
            return () =>
            {
                encoded(ref bytes);
                return ImageDecoder.ShorterSide(bytes.DenseValues().ToArray());
            };
        }
        // Never disposed here: the getter disposes or reuses the last image, or the image belongs to the caller's list.
        MLImage? image = null;
        var decoded = cursor.GetGetter<MLImage>(column);
        return () =>
        {
            decoded(ref image!);
            return image is null ? 0 : Math.Min(image.Width, image.Height);
        };
    }
}
