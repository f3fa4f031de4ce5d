using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MsVit.MLNet;

/// <summary>CIFAR files, one after the other, as rows of label and image; CIFAR-100 adds the coarse label.</summary>
internal static class CifarDataView
{
    /// <param name="readers">At least one; all of the same set.</param>
    public static IDataView Create(IReadOnlyList<CifarReader> readers)
    {
        var set = readers[0].Set;
        var ends = new int[readers.Count];
        for (var i = 0; i < ends.Length; i++)
        {
            ends[i] = (i == 0 ? 0 : ends[i - 1]) + readers[i].Count;
        }
        var label = RowColumn.OfText(ImageColumns.Label, row => set.ClassNames[Find(row, out var record).Label(record)]);
        var image = RowColumn.Of(ImageColumns.Image, new ImageDataViewType(CifarSet.Side, CifarSet.Side), (int row, ref MLImage value) =>
        {
            Span<byte> planar = stackalloc byte[CifarSet.PixelBytes];
            Find(row, out var record).ReadPixels(record, planar);
            value?.Dispose();
            value = MLImagePixels.FromPlanar(planar, CifarSet.Side, CifarSet.Side);
        });
        if (set.CoarseNames.Count == 0)
        {
            return new RowsDataView(ends[^1], label, image);
        }
        var coarse = RowColumn.OfText(ImageColumns.CoarseLabel, row => set.CoarseNames[Find(row, out var record).CoarseLabel(record)]);
        return new RowsDataView(ends[^1], label, coarse, image);

        CifarReader Find(int row, out int record)
        {
            var file = Array.BinarySearch(ends, row + 1);
            file = file < 0 ? ~file : file;
            record = row - (file == 0 ? 0 : ends[file - 1]);
            return readers[file];
        }
    }
}
