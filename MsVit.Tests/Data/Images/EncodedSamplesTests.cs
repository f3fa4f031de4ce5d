using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.Tests.Support;
using SkiaSharp;

namespace MsVit.Tests.Data.Images;

/// <summary>Images kept as their files were, beside the same images kept decoded.</summary>
public sealed class EncodedSamplesTests : IDisposable
{
    private static readonly InputConfig Input = new()
    {
        Height = 24,
        Width = 20,
        Channels = 3,
        Fit = ImageFit.CenterCrop,
        Mean = [],
        Deviation = [],
        PixelRange = 255,
        MaxPixels = ImageDecoder.DefaultMaxPixels,
    };

    private readonly MLContext _ml = new();
    private readonly TemporaryFolder _workspace = new();

    [Theory]
    [InlineData(0)]
    [InlineData(2000)]
    [InlineData(1 << 20)]
    public void They_are_decoded_to_the_bytes_that_a_decoded_store_holds(long memoryBudget)
    {
        var rows = Rows(13);
        var decoded = Read(rows, SampleStorage.Decoded, memoryBudget);
        var encoded = Read(rows, SampleStorage.Encoded, memoryBudget);
        using var first = decoded.Store;
        using var second = encoded.Store;

        Assert.Equal((0, 13), (decoded.EncodedCount, encoded.EncodedCount));
        Assert.Equal(rows.Sum(row => row.Image.Length), encoded.Store.TotalBytes);
        for (var i = 0; i < 13; i++)
        {
            Assert.Equal(Sample(decoded.Source, i), Sample(encoded.Source, i));
            Assert.Equal(i % 3, encoded.Source.Label(i));
        }
    }

    [Fact]
    public void Files_are_kept_byte_by_byte()
    {
        var rows = Rows(3);
        var samples = Read(rows, SampleStorage.Encoded);
        using var store = samples.Store;
        foreach (var (i, row) in rows.Index())
        {
            var bytes = new byte[store.Length(i)];
            store.Read(i, bytes);
            Assert.Equal(row.Image, bytes);
        }
    }

    [Fact]
    public void Left_to_itself_a_store_keeps_images_decoded_while_they_fit_and_then_the_smaller_form()
    {
        // 1,440 bytes decoded; the files of flat images are smaller, those of noise larger.
        var flat = Rows(9, Flat);
        var noise = Rows(9, Noise);
        Assert.All(flat, row => Assert.True(row.Image.Length < 1440));
        Assert.All(noise, row => Assert.True(row.Image.Length > 1440));

        Assert.Equal(0, EncodedCount(flat, memoryBudget: 9 * 1440));
        Assert.Equal(1, EncodedCount(flat, memoryBudget: (9 * 1440) - 1));
        Assert.Equal(9, EncodedCount(flat, memoryBudget: 0));
        Assert.Equal(0, EncodedCount(noise, memoryBudget: 0));
        Assert.Equal(0, EncodedCount(noise, memoryBudget: 4 * 1440));

        // A store in two forms gives what a decoded one gives.
        var two = Read(flat, SampleStorage.Auto, memoryBudget: 4 * 1440);
        var decoded = Read(flat, SampleStorage.Decoded);
        using var first = two.Store;
        using var second = decoded.Store;
        Assert.Equal(5, two.EncodedCount);
        Assert.All(Enumerable.Range(0, 9), i => Assert.Equal(Sample(decoded.Source, i), Sample(two.Source, i)));
        Assert.Throws<InvalidOperationException>(() => ((EncodedSamples)two.Source).Cropped(static (_, _, ref _) => { }));
    }

    [Fact]
    public void A_crop_is_given_the_image_at_its_full_size_and_the_samples_stream()
    {
        var samples = Read([new() { Image = TestImages.EncodeJpeg(300, 200), Label = "a" }, .. Rows(2)], SampleStorage.Encoded);
        using var store = samples.Store;
        var source = ((EncodedSamples)samples.Source).Cropped(static (image, target, ref random) =>
        {
            (target[0], target[1], target[2]) = ((byte)(image.Width / 2), (byte)image.Height, (byte)random.NextInt(256));
        });
        var random = RandomStream.For(RandomPurpose.Augmentation, 1, 2, 3);
        var target = new byte[source.Shape.Bytes];
        source.Write(0, target, ref random);
        var expected = RandomStream.For(RandomPurpose.Augmentation, 1, 2, 3);
        Assert.Equal([150, 200, (byte)expected.NextInt(256)], target[..3]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Batches_are_the_same_for_one_and_four_workers_and_a_resized_crop_sees_the_originals(bool resizedCrop)
    {
        var rows = Rows(13);
        var samples = Read(rows, SampleStorage.Encoded, memoryBudget: 2000);
        var decoded = Read(rows, SampleStorage.Decoded);
        using var store = samples.Store;
        using var other = decoded.Store;
        var recipe = new ImageRecipe { RandomResizedCrop = resizedCrop ? new() : null };
        var augmentation = new ImageAugmentation(recipe, samples.Source.Shape, [0, 0, 0]);

        var expected = Batches(samples.Source, workers: 1);
        Assert.Equal(expected, Batches(samples.Source, workers: 4));
        // Without a resized crop the form of storage does not matter.
        Assert.Equal(!resizedCrop, expected.SequenceEqual(Batches(decoded.Source, workers: 2)));
        // Sample by sample, out of the image itself.
        foreach (var (label, pixels) in resizedCrop ? Batches(samples.Source, workers: 1, labeled: true) : [])
        {
            var target = new byte[samples.Source.Shape.Bytes];
            var random = RandomStream.For(RandomPurpose.Augmentation, 7, 2, (ulong)label);
            augmentation.Apply(ImageDecoder.Decode(rows[label].Image, "test"), target, ref random);
            Assert.Equal(Convert.ToHexString(target), pixels);
        }

        (long Label, string Pixels)[] Batches(ISampleSource source, int workers, bool labeled = false) =>
            [.. new BatchLoader(SampleSet.All(source), 3, augmentation, seed: 7, workers).Epoch(2).SelectMany((batch, step) =>
            {
                using (batch)
                {
                    var order = Order(13);
                    return Enumerable.Range(0, batch.Count)
                        .Select(i => (labeled ? order[(3 * step) + i] : batch.Labels[i], Convert.ToHexString(batch.Sample(i)))).ToArray();
                }
            })];

        static int[] Order(int count)
        {
            int[] order = [.. Enumerable.Range(0, count)];
            var random = RandomStream.For(RandomPurpose.Shuffle, 7, 2, 0);
            random.Shuffle<int>(order);
            return order;
        }
    }

    [Fact]
    public void An_unreadable_image_stops_the_reading_with_row_and_file_or_is_left_out()
    {
        var rows = Rows(5);
        rows[3].Image = rows[3].Image[..^40];
        var error = Assert.Throws<UndecodableImageException>(() => Read(rows, SampleStorage.Encoded));
        Assert.StartsWith("row 3, file 3.png:", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_workspace.Path));

        var samples = Read(rows, SampleStorage.Encoded, undecodable: UndecodableImagePolicy.Skip);
        using var store = samples.Store;
        Assert.Equal((4, 4, 1), (store.Count, samples.EncodedCount, samples.Undecodable));
        Assert.StartsWith("row 3, file 3.png:", Assert.Single(samples.UndecodableRows), StringComparison.Ordinal);
        var read = new byte[store.Length(3)];
        store.Read(3, read);
        Assert.Equal(rows[4].Image, read);
    }

    [Fact]
    public void Images_that_did_not_come_as_files_stay_decoded_and_cannot_be_asked_for_encoded()
    {
        var dots = _ml.Data.LoadFromEnumerable(DotTask.Rows(6));
        var data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(dots).Transform(dots);
        var input = Input with { Height = DotTask.Size, Width = DotTask.Size };
        var samples = Read(data, input, SampleStorage.Auto, memoryBudget: 0, UndecodableImagePolicy.Throw);
        using var store = samples.Store;
        Assert.Equal(0, samples.EncodedCount);
        var error = Assert.Throws<ArgumentException>(() => Read(data, input, SampleStorage.Encoded, 0, UndecodableImagePolicy.Throw));
        Assert.Contains("column 'Image' holds no encoded images", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _workspace.Dispose();

    private int EncodedCount(ImageRow[] rows, long memoryBudget)
    {
        var samples = Read(rows, SampleStorage.Auto, memoryBudget);
        using var store = samples.Store;
        return samples.EncodedCount;
    }

    private LabeledSamples Read(
        ImageRow[] rows, SampleStorage storage, long memoryBudget = 1 << 20,
            UndecodableImagePolicy undecodable = UndecodableImagePolicy.Throw)
    {
        var data = _ml.Data.LoadFromEnumerable(rows);
        return Read(_ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data), Input, storage, memoryBudget, undecodable);
    }

    private LabeledSamples Read(IDataView data, InputConfig input, SampleStorage storage, long memoryBudget,
        UndecodableImagePolicy undecodable) =>
        LabeledSamples.Read(data, data.Schema["Label"], InputColumn.From(data.Schema["Image"])!, input, new()
        {
            Storage = storage,
            MemoryBudget = memoryBudget,
            Workspace = _workspace.Path,
            Undecodable = undecodable,
            Workers = 2,
        });

    private static byte[] Sample(ISampleSource source, int sample)
    {
        RandomStream none = default;
        var target = new byte[source.Shape.Bytes];
        source.Write(sample, target, ref none);
        return target;
    }

    // JPEG and PNG in turn, of several sizes, some so large that they are decoded at reduced scale.
    private static ImageRow[] Rows(int count) => Rows(count, static i =>
        i % 2 == 0 ? TestImages.EncodeJpeg(30 + (i * 40), 50 + (i * 20))
            : Encode(20 + i, 24 + (i * 5), (x, y) => new((byte)(x * i), (byte)(y * 3), (byte)(x + y))));

    private static ImageRow[] Rows(int count, Func<int, byte[]> image) =>
        [.. Enumerable.Range(0, count).Select(i => new ImageRow { Label = "abc"[i % 3].ToString(), Image = image(i),
            ImagePath = $"{i}.png" })];

    private static byte[] Flat(int i) => Encode(24, 24, (_, _) => new((byte)(i * 20), 0, 0));

    private static byte[] Noise(int i)
    {
        var random = new RandomStream(1, (ulong)i, 0);
        return Encode(24, 24, (_, _) => new((byte)random.NextUInt32(), (byte)random.NextUInt32(), (byte)random.NextUInt32()));
    }

    private static byte[] Encode(int width, int height, Func<int, int, SKColor> color)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (var i = 0; i < width * height; i++)
        {
            bitmap.SetPixel(i % width, i / width, color(i % width, i / width));
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private sealed class ImageRow
    {
        public string Label { get; set; } = "";

        [VectorType]
        public byte[] Image { get; set; } = [];

        public string ImagePath { get; set; } = "";
    }
}
