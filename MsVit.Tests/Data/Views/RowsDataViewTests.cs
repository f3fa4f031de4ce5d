using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;

namespace MsVit.Tests.Data.Views;

public sealed class RowsDataViewTests
{
    private int _reads;

    [Fact]
    public void Values_of_columns_that_are_not_asked_for_are_never_computed()
    {
        using var cursor = View().GetRowCursor([View().Schema["Name"]]);
        var name = cursor.GetGetter<ReadOnlyMemory<char>>(cursor.Schema["Name"]);
        var text = default(ReadOnlyMemory<char>);
        while (cursor.MoveNext())
        {
            name(ref text);
        }
        Assert.Equal("row 4", text.ToString());
        Assert.Equal(0, _reads);
        Assert.False(cursor.IsColumnActive(cursor.Schema["Square"]));
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<int>(cursor.Schema["Square"]));
    }

    [Fact]
    public void Every_pass_gives_the_same_rows()
    {
        var view = View();
        Assert.Equal([0, 1, 4, 9, 16], view.GetColumn<int>("Square"));
        Assert.Equal([0, 1, 4, 9, 16], view.GetColumn<int>("Square"));
        Assert.Equal(5, view.GetRowCount());
    }

    [Fact]
    public void A_shuffled_pass_gives_every_row_once_with_its_own_identity()
    {
        var view = View();
        using var cursor = view.GetRowCursor(view.Schema, new Random(1));
        var square = cursor.GetGetter<int>(view.Schema["Square"]);
        var id = cursor.GetIdGetter();
        var seen = new List<int>();
        while (cursor.MoveNext())
        {
            var value = 0;
            var row = default(DataViewRowId);
            square(ref value);
            id(ref row);
            Assert.Equal((ulong)value, row.Low * row.Low);
            seen.Add(value);
        }
        Assert.NotEqual([0, 1, 4, 9, 16], seen);
        Assert.Equal([0, 1, 4, 9, 16], seen.Order());
    }

    [Fact]
    public void Reading_off_the_rows_is_refused()
    {
        var view = View();
        using var cursor = view.GetRowCursor(view.Schema);
        var square = cursor.GetGetter<int>(view.Schema["Square"]);
        var value = 0;
        Assert.Throws<InvalidOperationException>(() => square(ref value));
        while (cursor.MoveNext())
        {
        }
        Assert.False(cursor.MoveNext());
        Assert.Equal(-1, cursor.Position);
        Assert.Throws<InvalidOperationException>(() => square(ref value));
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<float>(view.Schema["Square"]));
    }

    [Fact]
    public void MLNet_can_split_shuffle_and_filter_it()
    {
        var context = new MLContext(1);
        var split = context.Data.TrainTestSplit(View(), testFraction: 0.4);
        var values = split.TrainSet.GetColumn<int>("Square").Concat(split.TestSet.GetColumn<int>("Square"));
        Assert.Equal([0, 1, 4, 9, 16], values.Order());
        Assert.Equal([0, 1, 4, 9, 16], context.Data.ShuffleRows(View()).GetColumn<int>("Square").Order());
        Assert.Equal([0, 1], context.Data.TakeRows(View(), 2).GetColumn<int>("Square"));
    }

    private RowsDataView View() => new(
        5,
        RowColumn.OfText("Name", row => $"row {row}"),
        RowColumn.Of("Square", NumberDataViewType.Int32, (int row, ref int value) =>
        {
            _reads++;
            value = row * row;
        }));
}
