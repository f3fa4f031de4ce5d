using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;

namespace MsVit.Tests.Data.Views;

public sealed class ChosenRowsDataViewTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void So_many_different_rows_are_taken_in_their_order()
    {
        var taken = Labels(_ml.Data.TakeRandomRows(Numbers(100), 30, seed: 4));
        Assert.Equal(30, taken.Length);
        Assert.Equal(taken.Distinct().Order(), taken);
        Assert.Equal(taken, Labels(_ml.Data.TakeRandomRows(Numbers(100), 30, seed: 4)));
        Assert.NotEqual(taken, Labels(_ml.Data.TakeRandomRows(Numbers(100), 30, seed: 5)));
    }

    [Fact]
    public void Each_row_is_as_likely_as_any_other()
    {
        var counts = new int[20];
        for (var seed = 0; seed < 2000; seed++)
        {
            foreach (var row in Labels(_ml.Data.TakeRandomRows(Numbers(20), 5, seed)))
            {
                counts[row]++;
            }
        }
        // 500 expected with a deviation of 19.4; five of them are beyond chance.
        Assert.All(counts, count => Assert.InRange(count, 400, 600));
    }

    [Fact]
    public void All_rows_are_there_where_more_are_asked_for() =>
        Assert.Equal(Enumerable.Range(0, 7), Labels(_ml.Data.TakeRandomRows(Numbers(7), 50)));

    [Fact]
    public void Images_can_be_taken_and_the_rows_know_their_count()
    {
        var taken = _ml.Data.TakeRandomRows(_ml.Data.LoadShapeImages(50), 10);
        Assert.Equal(10, taken.GetRowCount());
        Assert.Equal(10, taken.GetColumn<string>(ImageColumns.Label).Count());
        using var cursor = taken.GetRowCursor(taken.Schema);
        MLImage? image = null;
        var getter = cursor.GetGetter<MLImage>(taken.Schema[ImageColumns.Image]);
        while (cursor.MoveNext())
        {
            getter(ref image!);
            Assert.Equal(32, image.Width);
        }
        image!.Dispose();
    }

    private IDataView Numbers(int count) => _ml.Data.LoadFromEnumerable(
        Enumerable.Range(0, count).Select(number => new Row { Number = number }));

    private static int[] Labels(IDataView data) => [.. data.GetColumn<int>(nameof(Row.Number))];

    private sealed class Row
    {
        public int Number { get; set; }
    }
}
