using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>An image folder as rows of label, encoded file and path. A file is read when its bytes are asked for, and closed
/// again.</summary>
internal static class ImageFolderDataView
{
    public static IDataView Create(IReadOnlyList<ImageFile> files) => new RowsDataView(
        files.Count,
        RowColumn.OfText(ImageColumns.Label, row => files[row].Label),
        RowColumn.Of(ImageColumns.Image, new VectorDataViewType(NumberDataViewType.Byte),
            (int row, ref VBuffer<byte> value) => Read(files[row].Path, ref value)),
        RowColumn.OfText(ImageColumns.ImagePath, row => files[row].Path));

    private static void Read(string path, ref VBuffer<byte> value)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        if (length > Array.MaxLength)
        {
            throw new UndecodableImageException(path, $"The file has {length} bytes; no image is that large. Remove it from the data.");
        }
        var editor = VBufferEditor.Create(ref value, (int)length);
        var filled = 0;
        while (filled < editor.Values.Length && RandomAccess.Read(file, editor.Values[filled..], filled) is > 0 and var read)
        {
            filled += read;
        }
        // A file that has shrunk in the meantime is cut short: the decoder says so.
        value = editor.CommitTruncated(filled);
    }
}
