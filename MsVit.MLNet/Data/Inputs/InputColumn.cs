using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MsVit.MLNet;

/// <summary>What a value of an input column is.</summary>
internal enum InputColumnKind
{
    /// <summary>An <see cref="Microsoft.ML.Data.MLImage"/>.</summary>
    Decoded,

    /// <summary>The bytes of an image file.</summary>
    Encoded,

    /// <summary>Pixels as bytes, of known dimensions.</summary>
    PixelBytes,

    /// <summary>Pixels as floats.</summary>
    PixelVector,

    /// <summary>Event frames [T, P, H, W] as bytes.</summary>
    FrameBytes,

    /// <summary>Event frames [T, P, H, W] as floats.</summary>
    FrameVector,
}

/// <summary>The column that a network reads: images or event frames, told apart by the column's type.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Kind">What a value is.</param>
/// <param name="Dimensions">Pixel vectors: their length alone, [C, H, W] or [H, W, C]. Frames: [T, P, H, W]. Other kinds: empty.</param>
internal sealed record InputColumn(string Name, InputColumnKind Kind, IReadOnlyList<int> Dimensions)
{
    private const int FrameDimensions = 4;

    private const string ExpectedImages =
        "an image (MLImage, as LoadImages makes), encoded image bytes (a vector of Byte, as LoadRawImageBytes makes) "
        + "or a pixel vector of known size (of Single, as ExtractPixels makes)";

    private const string ExpectedFrames =
        "event frames (a vector of Byte or Single with the dimensions [T, P, H, W], as EventsToFrames makes)";

    /// <summary>Whether a stored sample of this column holds floats instead of bytes.</summary>
    public bool IsFloat => Kind is InputColumnKind.PixelVector or InputColumnKind.FrameVector;

    /// <summary>Whether the column holds event frames.</summary>
    public bool IsFrames => Kind is InputColumnKind.FrameBytes or InputColumnKind.FrameVector;

    /// <summary>Says in error messages which columns are accepted.</summary>
    public static string Expected(bool frames) => frames ? ExpectedFrames : ExpectedImages;

    /// <summary>Recognizes a column; null if it holds neither images nor frames.</summary>
    public static InputColumn? From(DataViewSchema.Column column) => column.Type switch
    {
        ImageDataViewType => new(column.Name, InputColumnKind.Decoded, []),
        VectorDataViewType { IsKnownSize: true, Dimensions.Length: FrameDimensions, ItemType: NumberDataViewType item } vector
            when item == NumberDataViewType.Byte || item == NumberDataViewType.Single =>
            new(
                column.Name,
                item == NumberDataViewType.Byte ? InputColumnKind.FrameBytes : InputColumnKind.FrameVector,
                [.. vector.Dimensions]),
        VectorDataViewType { ItemType: NumberDataViewType item } vector when item == NumberDataViewType.Byte =>
            PixelVectorShape.FromDimensions(vector.Dimensions) is null
                ? new(column.Name, InputColumnKind.Encoded, [])
                : new(column.Name, InputColumnKind.PixelBytes, [.. vector.Dimensions]),
        VectorDataViewType { IsKnownSize: true, ItemType: NumberDataViewType item } vector when item == NumberDataViewType.Single =>
            new(column.Name, InputColumnKind.PixelVector, [.. vector.Dimensions]),
        _ => null,
    };

    /// <summary>Resizes float vectors to the network's input; null if they already have its shape.</summary>
    /// <exception cref="ArgumentException">The dimensions do not fit.</exception>
    public PixelVectorFitter? VectorFitter(InputConfig input)
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
                $"Column '{Name}' holds vectors of {string.Join(" x ", Dimensions)} values; "
                + $"the network's input is {input.Channels} x {input.Height} x {input.Width} (channels x height x width). "
                + "Expected vectors of that many values, or of dimensions [C, H, W] or [H, W, C] with 1 or 3 channels, "
                + "as ExtractPixels makes.");
    }

    /// <summary>Checks that the column's values can become the network's input.</summary>
    /// <exception cref="ArgumentException">They cannot; the message says why.</exception>
    public void CheckFits(InputConfig input)
    {
        if (IsFrames != input.IsFrames)
        {
            throw new ArgumentException(IsFrames
                ? $"Column '{Name}' holds event frames, but the network takes images; "
                    + "choose a network with Input = InputKind.Frames."
                : $"Column '{Name}' does not hold event frames, which the network takes; expected {ExpectedFrames}.");
        }
        if (IsFrames)
        {
            int[] expected = [input.TimeSteps, input.Channels, input.Height, input.Width];
            if (!Dimensions.SequenceEqual(expected))
            {
                throw new ArgumentException(
                    $"Column '{Name}' holds frames of {string.Join(" x ", Dimensions)} counts; "
                    + $"the network takes {string.Join(" x ", expected)} "
                    + "(time steps x polarities x height x width). Change the options of EventsToFrames or the sizes of the network.");
            }
        }
        else if (IsFloat)
        {
            VectorFitter(input);
        }
        else if (input.Channels is not (1 or 3))
        {
            throw new ArgumentException(
                $"Column '{Name}' holds images, which have 3 channels (1 if gray); the network's input has {input.Channels}.");
        }
    }

    /// <summary>Whether a column of this shape could hold images or frames.</summary>
    public static bool CouldBe(SchemaShape.Column column) => !column.IsKey && column switch
    {
        { Kind: SchemaShape.Column.VectorKind.Scalar, ItemType: ImageDataViewType } => true,
        { Kind: not SchemaShape.Column.VectorKind.Scalar, ItemType: var item } when item == NumberDataViewType.Byte => true,
        { Kind: SchemaShape.Column.VectorKind.Vector, ItemType: var item } when item == NumberDataViewType.Single => true,
        _ => false,
    };
}
