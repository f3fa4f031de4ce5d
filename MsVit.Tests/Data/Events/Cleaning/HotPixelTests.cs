using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events.Cleaning;

public sealed class HotPixelTests
{
    private static readonly SensorSize Sensor = new(8, 8);

    [Theory]
    [InlineData(10, 0, false)] // 10 > 10 (1 + 0) is false
    [InlineData(11, 0, true)]
    [InlineData(40, 3, false)]
    [InlineData(41, 3, true)]
    public void A_pixel_is_hot_above_ten_times_its_neighbors_and_one(int events, int around, bool isHot)
    {
        foreach (var (x, y) in new[] { (4, 4), (0, 0), (7, 3) })
        {
            Assert.Equal(isHot ? [(x, y)] : [], Find((px, py) => (px, py) == (x, y) ? events : around));
        }
    }

    [Fact]
    public void Two_hot_pixels_side_by_side_are_both_found() =>
        Assert.Equal([(3, 4), (4, 4)], Find((x, y) => y == 4 && x is (3 or 4) ? 1000 : 2));

    [Fact]
    public void A_busy_block_is_not_hot() => Assert.Empty(Find((x, y) => y is >= 2 and <= 4 && x is >= 2 and <= 5 ? 1000 : 0));

    [NeedsSharedFact(RealRecordings.Turntable)]
    public void Few_pixels_of_a_real_sensor_are_hot_and_one_of_them_in_two_recordings()
    {
        var (mug, cube) = (Hot("sessionB_mug"), Hot("sessionB_cube"));
        Assert.InRange(mug.Count, 1, 10);
        Assert.InRange(cube.Count, 1, 10);
        Assert.Contains((30, 29), mug.Intersect(cube));

        static IReadOnlyList<(int X, int Y)> Hot(string name)
        {
            var finder = new HotPixelFinder(RealRecordings.Dvs128);
            finder.Add(RealRecordings.Aedat2($"{RealRecordings.Turntable}/{name}.aedat"));
            return finder.Find();
        }
    }

    private static IReadOnlyList<(int X, int Y)> Find(Func<int, int, int> count)
    {
        var finder = new HotPixelFinder(Sensor);
        for (ushort y = 0; y < 8; y++)
        {
            for (ushort x = 0; x < 8; x++)
            {
                finder.Add(Enumerable.Repeat(new CameraEvent(0, x, y, true), count(x, y)).ToArray());
            }
        }
        return finder.Find();
    }
}
