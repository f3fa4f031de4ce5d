using System.Runtime.InteropServices;
using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Training;

public sealed class ImageBatchTests
{
    private const int Side = 12;
    private static readonly SampleShape Shape = new(3, Side, Side, IsFloat: false);

    private static readonly ImageRecipe Everything = new()
    {
        RandomResizedCrop = new(),
        ColorJitter = new() { Brightness = FactorRange.About(0.4), Contrast = FactorRange.About(0.4), Saturation = FactorRange.About(0.4) },
        RandAugment = RandAugment.Parse("rand-m9-mstd0.5-inc1"),
        Erasing = new() { Probability = 0.5, Mode = ErasingMode.Pixel },
        Mixing = new() { CutMixAlpha = 1 },
    };

    [Fact]
    public void Whole_recipes_do_not_depend_on_the_number_of_workers()
    {
        using var store = Store(Shape);
        var alone = Epoch(store, workers: 1, epoch: 2);
        Assert.Equal(alone, Epoch(store, workers: 4, epoch: 2));
        Assert.NotEqual(alone, Epoch(store, workers: 4, epoch: 3));
    }

    [Fact]
    public void Bytes_are_mixed_with_their_mirror_place_and_rounded_half_to_even()
    {
        byte[] batch = [0, 10, 7, 8, 5, 20];
        new BatchMix(0.5).Apply(batch, samples: 3, new SampleShape(1, 1, 2, IsFloat: false));
        Assert.Equal([2, 15, 7, 8, 2, 15], batch); // 2.5 becomes 2, and the middle sample stays
    }

    [Fact]
    public void Floats_are_mixed_unrounded()
    {
        float[] batch = [0, 10, 7, 8, 5, 20];
        new BatchMix(0.5).Apply(MemoryMarshal.AsBytes(batch.AsSpan()), samples: 3, new SampleShape(1, 1, 2, IsFloat: true));
        Assert.Equal([2.5f, 15, 7, 8, 2.5f, 15], batch);
    }

    [Fact]
    public void A_cut_box_is_exchanged_in_every_channel_and_the_weight_is_the_share_that_is_left()
    {
        var box = CutMix.Box(height: 2, width: 4, lambda: 0, centerY: 0, centerX: 4)!.Value;
        Assert.Equal(new(Left: 2, Top: 0, Width: 2, Height: 1), box);
        Assert.Equal(0.75, CutMix.Lambda(box, 2, 4));
        byte[] batch = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        new BatchMix(0.75, box).Apply(batch, samples: 2, new SampleShape(2, 2, 4, IsFloat: false));
        Assert.Equal([0, 1, 18, 19, 4, 5, 6, 7, 8, 9, 26, 27, 12, 13, 14, 15], batch[..16]);
        Assert.Equal([16, 17, 2, 3, 20, 21, 22, 23, 24, 25, 10, 11, 28, 29, 30, 31], batch[16..]);
    }

    [Fact]
    public void Both_ways_of_mixing_are_taken_as_often_as_asked_for()
    {
        var mixing = new BatchMixing(new() { CutMixAlpha = 1, SwitchProbability = 0.25 }, seed: 1);
        var cut = Enumerable.Range(0, 1000).Count(step => mixing.Draw(1, step, Shape) is { Box: not null } or { Lambda: 1 });
        Assert.InRange(cut, 200, 300);
    }

    [Fact]
    public void Boxes_are_erased_after_normalizing()
    {
        var batch = new SampleBatch(new(1, 2, 2, IsFloat: false), 2);
        batch.Pixels.Fill(255);
        batch.Erased.Add(new(Sample: 1, new(Left: 1, Top: 0, Width: 1, Height: 2), Noise: []));
        batch.Erased.Add(new(Sample: 0, new(Left: 0, Top: 1, Width: 2, Height: 1), Noise: [8, 9]));
        using (batch)
        {
            using var input = batch.ToInput(new([0.5f], [0.5f], 255), torch.CPU);
            Assert.Equal([1, 1, 8, 9, 1, 0, 1, 0], input.data<float>().ToArray());
        }
    }

    [Fact]
    public void Half_of_the_samples_are_erased_where_the_probability_is_a_half_and_boxes_lie_within()
    {
        var boxes = new List<ErasedBox>();
        for (var i = 0; i < 1000; i++)
        {
            var random = RandomStream.For(RandomPurpose.Augmentation, 1, 1, (ulong)i);
            new Eraser(new() { Probability = 0.5, Mode = ErasingMode.Rand }).Draw(i, Shape, ref random, boxes);
        }
        Assert.InRange(boxes.Count, 450, 550);
        Assert.All(boxes, box => Assert.True(box.Box.Top >= 0 && box.Box.Top + box.Box.Height <= Side
            && box.Box.Left + box.Box.Width <= Side && box.Noise.Length == 3));
    }

    [Fact]
    public void What_needs_bytes_or_colors_is_refused_for_other_samples()
    {
        var floats = Assert.Throws<ArgumentException>(() => new ImageAugmentation(Everything, Shape with { IsFloat = true }, []));
        Assert.Contains("Images.RandomResizedCrop, Images.ColorJitter, Images.RandAugment needs pixels as bytes", floats.Message,
            StringComparison.Ordinal);
        var two = Assert.Throws<ArgumentException>(() => new ImageAugmentation(Everything, Shape with { Channels = 2 }, []));
        Assert.Contains("these have 2", two.Message, StringComparison.Ordinal);
        Assert.Null(ImageAugmentation.Fault(new() { Erasing = new(), Mixing = new() }, Shape with { IsFloat = true }));
    }

    [Fact]
    public void Crops_lie_within_the_image_and_a_image_too_long_for_the_ratios_is_cut_in_the_middle()
    {
        for (var i = 0ul; i < 500; i++)
        {
            var random = RandomStream.For(RandomPurpose.Augmentation, 1, 1, i);
            var box = CropBox.Draw(new(), 40, 30, ref random);
            Assert.True(box.Left >= 0 && box.Top >= 0 && box.Left + box.Width <= 40 && box.Top + box.Height <= 30);
        }
        Assert.Equal(new(Left: 43, Top: 0, Width: 13, Height: 10), CropBox.Middle(new(), 100, 10));
    }

    private static SampleStore Store(SampleShape shape)
    {
        var store = new SampleStore(shape.Bytes, 1 << 20, Path.GetTempPath());
        for (var i = 0; i < 21; i++)
        {
            store.Add([.. Enumerable.Range(0, shape.Bytes).Select(k => (byte)(i * 7 + k))], label: i);
        }
        store.Seal();
        return store;
    }

    private static string[] Epoch(SampleStore store, int workers, int epoch)
    {
        var loader = new BatchLoader(
            SampleSet.All(store, Shape), 4, new ImageAugmentation(Everything, Shape, [1, 2, 3]), seed: 5, workers,
            new BatchMixing(Everything.Mixing, seed: 5), new Eraser(Everything.Erasing!));
        return [.. loader.Epoch(epoch).Select(batch =>
        {
            using (batch)
            {
                var erased = string.Join(' ', batch.Erased.Select(box => $"{box.Sample} {box.Box} {string.Join(',', box.Noise)}"));
                return $"{string.Join(',', batch.Labels)} {batch.Mix} {erased} {Convert.ToHexString(batch.Pixels)}";
            }
        })];
    }
}
