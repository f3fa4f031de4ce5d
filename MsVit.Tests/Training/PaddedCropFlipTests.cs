using MsVit.MLNet;

namespace MsVit.Tests.Training;

public sealed class PaddedCropFlipTests
{
    private const int Height = 5;
    private const int Width = 4;
    private const int Planes = 2;

    [Fact]
    public void Each_result_is_one_of_the_crops_and_mirror_images_of_the_padded_sample()
    {
        var source = Enumerable.Range(1, Planes * Height * Width).Select(i => (byte)i).ToArray();
        var possible = Enumerable.Range(-2, 5)
            .SelectMany(down => Enumerable.Range(-2, 5).Select(right => (down, right)))
            .SelectMany(shift => new[] { Slow(source, shift.down, shift.right, false), Slow(source, shift.down, shift.right, true) })
            .ToArray();
        var met = new HashSet<int>();
        for (var sample = 0ul; sample < 2000; sample++)
        {
            var target = new byte[source.Length];
            var random = RandomStream.For(RandomPurpose.Augmentation, 1, 1, sample);
            new PaddedCropFlip(2, true).Apply<byte>(source, target, Height, Width, ref random);
            var which = Array.FindIndex(possible, p => p.SequenceEqual(target));
            Assert.True(which >= 0, $"sample {sample} is no crop of the padded image");
            met.Add(which);
        }
        Assert.Equal(possible.Length, met.Count);
    }

    [Fact]
    public void Without_padding_and_flip_the_sample_stays_as_it_is()
    {
        var source = Enumerable.Range(0, Planes * Height * Width).Select(i => i / 3f).ToArray();
        var target = new float[source.Length];
        var random = new RandomStream(1, 2, 3);
        new PaddedCropFlip(0, false).Apply<float>(source, target, Height, Width, ref random);
        Assert.Equal(source, target);
    }

    [Fact]
    public void Padding_wider_than_the_sample_can_leave_nothing_of_it()
    {
        var source = new byte[Planes * Height * Width];
        Array.Fill(source, (byte)9);
        var blank = 0;
        for (var sample = 0ul; sample < 200; sample++)
        {
            var target = new byte[source.Length];
            var random = RandomStream.For(RandomPurpose.Augmentation, 1, 1, sample);
            new PaddedCropFlip(10, true).Apply<byte>(source, target, Height, Width, ref random);
            blank += target.All(pixel => pixel == 0) ? 1 : 0;
        }
        Assert.InRange(blank, 1, 199);
    }

    private static byte[] Slow(byte[] source, int down, int right, bool mirrored)
    {
        var target = new byte[source.Length];
        for (var p = 0; p < Planes; p++)
        {
            for (var y = 0; y < Height; y++)
            {
                for (var x = 0; x < Width; x++)
                {
                    var (sy, sx) = (y + down, x + right);
                    var inside = sy is >= 0 and < Height && sx is >= 0 and < Width;
                    target[(p * Height + y) * Width + (mirrored ? Width - 1 - x : x)] = inside ? source[(p * Height + sy) * Width + sx]
                        : (byte)0;
                }
            }
        }
        return target;
    }
}
