using MsVit.MLNet;

namespace MsVit.Tests.Training.Augmentation;

public sealed class EventFrameAugmentationTests
{
    private static readonly FrameShape Shape = new(4, 2, 9, 12);
    private static readonly byte[] Sample = [.. Enumerable.Range(0, Shape.Elements).Select(i => (byte)(1 + (i * 7 % 250)))];

    [Fact]
    public void Each_result_is_one_of_the_operations_on_the_sample_or_its_mirror_image()
    {
        var possible = new HashSet<string>();
        foreach (var mirrored in new[] { false, true })
        {
            foreach (var operation in Enum.GetValues<FrameOperation>().Where(o => o != FrameOperation.Cutout))
            {
                for (var bin = 0; bin < FrameMagnitude.Bins; bin++)
                {
                    possible.Add(Convert.ToBase64String(Slow(operation, FrameMagnitude.Of(operation, bin), mirrored)));
                }
            }
        }
        var (met, cut) = (new HashSet<string>(), 0);
        for (var sample = 0ul; sample < 3000; sample++)
        {
            var result = Convert.ToBase64String(Augment(new(new()), sample));
            cut += possible.Contains(result) ? 0 : 1;
            met.Add(result);
        }
        // A sixth of 3,000 is cut out of: 500, give or take 5 deviations of 20.
        Assert.InRange(cut, 400, 600);
        Assert.True(met.Intersect(possible).Count() > 0.9 * possible.Count, "some operations are never drawn");
    }

    [Fact]
    public void What_a_sample_becomes_depends_on_its_key_alone()
    {
        var augmentation = new EventFrameAugmentation(new() { DropEvents = true, TrainTimeSteps = 3 });
        Assert.Equal(Augment(augmentation, 5), Augment(augmentation, 5));
        Assert.True(Enumerable.Range(0, 20).Select(i => Convert.ToBase64String(Augment(augmentation, (ulong)i))).Distinct().Count() > 10);
    }

    [Fact]
    public void Counts_as_floats_become_what_counts_as_bytes_do()
    {
        var augmentation = new EventFrameAugmentation(new() { DropEvents = true, TrainTimeSteps = 3 });
        var floats = Array.ConvertAll(Sample, count => (float)count);
        for (var sample = 0ul; sample < 30; sample++)
        {
            var random = RandomStream.For(RandomPurpose.Augmentation, 1, 1, sample);
            var target = new float[augmentation.Result(Shape).Elements];
            augmentation.Apply<float>(floats, Shape, target, ref random);
            Assert.Equal(Augment(augmentation, sample), target.Select(count => (byte)count));
        }
    }

    [Fact]
    public void Switched_off_the_sample_stays_as_it_is() =>
        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal(
            Sample, Augment(new(new() { HorizontalFlip = false, Operations = false }), (ulong)i)));

    [Fact]
    public void A_subset_keeps_whole_frames_in_their_order_each_choice_equally_often()
    {
        var counts = new Dictionary<string, int>();
        for (var sample = 0ul; sample < 6000; sample++)
        {
            var kept = new int[2];
            var random = new RandomStream(1, 2, sample);
            TemporalSubset.Draw(4, kept, ref random);
            var key = string.Join(",", kept);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        Assert.Equal(["0,1", "0,2", "0,3", "1,2", "1,3", "2,3"], counts.Keys.Order(StringComparer.Ordinal));
        Assert.All(counts.Values, count => Assert.InRange(count, 1000 - 150, 1000 + 150));

        var result = Augment(new(new() { HorizontalFlip = false, Operations = false, TrainTimeSteps = 2 }), 0);
        var frames = Sample.Chunk(Shape.Frame).ToArray();
        var places = result.Chunk(Shape.Frame).Select(frame => Array.FindIndex(frames, f => f.SequenceEqual(frame))).ToArray();
        Assert.True(places.Length == 2 && places[0] >= 0 && places[0] < places[1]);
        Assert.Throws<ArgumentException>(() => new EventFrameAugmentation(new() { TrainTimeSteps = 5 }).Result(Shape));
    }

    [Fact]
    public void A_cut_out_square_lies_anywhere_within_a_narrow_frame()
    {
        var narrow = new FrameShape(1, 1, 2, 400);
        for (var sample = 0ul; sample < 200; sample++)
        {
            var random = new RandomStream(1, 2, sample);
            var box = FrameBox.DrawCutout(narrow, ref random);
            Assert.True(box.Height == box.Width && box.Height <= 2 && box.Top + box.Height <= 2 && box.Left + box.Width <= 400);
        }
    }

    private static byte[] Augment(EventFrameAugmentation augmentation, ulong sample)
    {
        var random = RandomStream.For(RandomPurpose.Augmentation, 1, 1, sample);
        var target = new byte[augmentation.Result(Shape).Elements];
        augmentation.Apply<byte>(Sample, Shape, target, ref random);
        return target;
    }

    private static byte[] Slow(FrameOperation operation, double magnitude, bool mirrored)
    {
        var target = new byte[Sample.Length];
        var (pixels, radians) = ((int)magnitude, magnitude * Math.PI / 180);
        for (var i = 0; i < target.Length; i++)
        {
            var (plane, y, x) = (i / Shape.Plane, i / Shape.Width % Shape.Height, i % Shape.Width);
            var (dx, dy) = (x + 0.5 - (Shape.Width / 2.0), y + 0.5 - (Shape.Height / 2.0));
            (dx, dy) = operation switch
            {
                FrameOperation.ShearX => (dx + (dy * Math.Tan(magnitude)), dy),
                FrameOperation.TranslateX => (dx - pixels, dy),
                FrameOperation.TranslateY => (dx, dy - pixels),
                FrameOperation.Rotate => ((dx * Math.Cos(radians)) - (dy * Math.Sin(radians)),
                    (dx * Math.Sin(radians)) + (dy * Math.Cos(radians))),
                _ => (dx, dy),
            };
            var (sx, sy) = (Math.Round(dx + (Shape.Width / 2.0) - 0.5), Math.Round(dy + (Shape.Height / 2.0) - 0.5));
            if (sx >= 0 && sx < Shape.Width && sy >= 0 && sy < Shape.Height)
            {
                var column = mirrored ? Shape.Width - 1 - (int)sx : (int)sx;
                target[i] = Sample[(plane * Shape.Plane) + ((int)sy * Shape.Width) + column];
            }
        }
        return target;
    }
}
