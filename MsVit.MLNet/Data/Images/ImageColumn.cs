using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MsVit.MLNet;

/// <summary>A column that holds images or event frames, told apart by its type.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Kind">What a value of it is.</param>
/// <param name="Dimensions">Of a pixel vector: its length alone, [C, H, W] or [H, W, C]; of frames [T, P, H, W]; empty for the other kinds.</param>
internal sealed record ImageColumn(string Name, ImageColumnKind Kind, IReadOnlyList<int> Dimensions)
{
    /// <summary>What is understood, for error messages.</summary>
    public const string Expected =
        "an image (MLImage, as LoadImages makes), encoded image bytes (a vector of Byte, as LoadRawImageBytes makes) "
        + "or a pixel vector of known size (of Single, as ExtractPixels makes)";

    /// <summary>What is understood as frames, for error messages.</summary>
    public const string ExpectedFrames = "event frames (a vector of Byte or Single with the dimensions [T, P, H, W], as EventsToFrames makes)";

    private const int FrameDimensions = 4;

    /// <summary>Whether a stored sample of this column has floats instead of bytes.</summary>
    public bool IsFloat => Kind is ImageColumnKind.PixelVector or ImageColumnKind.FrameVector;

    /// <summary>Whether it holds event frames.</summary>
    public bool IsFrames => Kind is ImageColumnKind.FrameBytes or ImageColumnKind.FrameVector;

    /// <summary>Recognizes a column; null if it holds no images.</summary>
    public static ImageColumn? From(DataViewSchema.Column column) => column.Type switch
    {
        ImageDataViewType => new(column.Name, ImageColumnKind.Decoded, []),
        VectorDataViewType { IsKnownSize: true, Dimensions.Length: FrameDimensions, ItemType: NumberDataViewType item } vector
            when item == NumberDataViewType.Byte || item == NumberDataViewType.Single =>
            new(column.Name, item == NumberDataViewType.Byte ? ImageColumnKind.FrameBytes : ImageColumnKind.FrameVector, [.. vector.Dimensions]),
        VectorDataViewType { ItemType: NumberDataViewType item } vector when item == NumberDataViewType.Byte =>
            PixelVectorShape.FromDimensions(vector.Dimensions) is null
                ? new(column.Name, ImageColumnKind.Encoded, [])
                : new(column.Name, ImageColumnKind.PixelBytes, [.. vector.Dimensions]),
        VectorDataViewType { IsKnownSize: true, ItemType: NumberDataViewType item } vector when item == NumberDataViewType.Single =>
            new(column.Name, ImageColumnKind.PixelVector, [.. vector.Dimensions]),
        _ => null,
    };

    /// <summary>What brings float vectors of this column to the network's input; null where they have its shape already.</summary>
    /// <exception cref="ArgumentException">The dimensions are not those of an image that fits.</exception>
    public PixelVectorFitter? VectorFitter(ImageInput input)
    {
        var length = Dimensions.Aggregate(1L, (product, dimension) => product * dimension);
        if (Dimensions.SequenceEqual([input.Channels, input.Height, input.Width])
            || Dimensions.Count == 1 && length == (long)input.Channels * input.Height * input.Width)
        {
            return null;
        }
        return PixelVectorShape.FromDimensions(Dimensions) is { } shape && input.Channels is 1 or 3
            ? new(shape, input.Fitter())
            : throw new ArgumentException(
                $"Column '{Name}' holds vectors of {string.Join(" x ", Dimensions)} values; the network's input is {input.Channels} x {input.Height} x {input.Width} "
                + "(channels x height x width). Expected were vectors of that many values, or of dimensions [C, H, W] or [H, W, C] with 1 or 3 channels, as ExtractPixels makes.");
    }

    /// <summary>Refuses a column whose images cannot become the network's input.</summary>
    /// <exception cref="ArgumentException">The message says what does not fit.</exception>
    public void CheckFits(ImageInput input)
    {
        if (IsFrames != input.IsFrames)
        {
            throw new ArgumentException(IsFrames
                ? $"Column '{Name}' holds event frames, and the network takes still images; choose a network with Input = InputKind.Frames."
                : $"Column '{Name}' holds no event frames, which the network takes; expected were {ExpectedFrames}.");
        }
        if (IsFrames)
        {
            int[] expected = [input.TimeSteps, input.Channels, input.Height, input.Width];
            if (!Dimensions.SequenceEqual(expected))
            {
                throw new ArgumentException($"Column '{Name}' holds frames of {string.Join(" x ", Dimensions)} counts; the network takes {string.Join(" x ", expected)} "
                    + "(time steps x polarities x height x width). Change EventsToFrames' options or the network's sizes.");
            }
        }
        else if (IsFloat)
        {
            VectorFitter(input);
        }
        else if (input.Channels is not (1 or 3))
        {
            throw new ArgumentException($"Column '{Name}' holds images, which have 3 channels (or 1 as gray); the network's input has {input.Channels}.");
        }
    }

    /// <summary>Whether a column of this shape could hold images.</summary>
    public static bool CouldBe(SchemaShape.Column column) => !column.IsKey && column switch
    {
        { Kind: SchemaShape.Column.VectorKind.Scalar, ItemType: ImageDataViewType } => true,
        { Kind: not SchemaShape.Column.VectorKind.Scalar, ItemType: var item } when item == NumberDataViewType.Byte => true,
        { Kind: SchemaShape.Column.VectorKind.Vector, ItemType: var item } when item == NumberDataViewType.Single => true,
        _ => false,
    };
}
