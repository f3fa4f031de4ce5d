using MsVit.MLNet.Events;

namespace MsVit.Trainer.Runs;

/// <summary>A NumPy file of one vector per image, [images, values], in the order of the data.</summary>
internal sealed class VectorArray
{
    private const int MostValues = 1 << 20;

    private readonly float[][] _rows;

    private VectorArray(float[][] rows) => _rows = rows;

    /// <summary>Values per vector.</summary>
    public int Width => _rows[0].Length;

    /// <summary>The vector of a row.</summary>
    public float[] Row(long index) => _rows[index];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="images">The images of the data.</param>
    /// <exception cref="InvalidDataException">It does not hold one vector of floats per image; the message says what it holds.</exception>
    public static VectorArray Read(string path, long images)
    {
        using var window = new ByteWindow(File.OpenRead(path), leaveOpen: false);
        var header = NpyHeader.Read(window, message => new EventFormatException(path, "header", message + "."));
        var type = header.Fields[0].Type;
        if (header.Shape is not [var count, > 0 and <= MostValues and var width] || count != images || header.IsFortran
            || header.Fields.Count != 1 || type.Kind != 'f')
        {
            throw new InvalidDataException($"--teacher {path} holds an array of {type.Kind}{type.Size} of the shape "
                + $"[{string.Join(", ", header.Shape)}]{(header.IsFortran ? " in Fortran's order" : "")}; expected floats of the shape "
                + $"[{images}, values] in C's order: one vector for each of the {images} images, in the order of the data.");
        }
        var rows = new float[count][];
        for (var row = 0; row < count; row++)
        {
            rows[row] = new float[width];
            for (var i = 0; i < width; i++)
            {
                if (!window.Fill(type.Size))
                {
                    throw new InvalidDataException($"--teacher {path} ends in row {row} of {count}. Write it again.");
                }
                rows[row][i] = (float)type.Real(window.Unread[..type.Size]);
                window.Advance(type.Size);
            }
        }
        return new(rows);
    }
}
