using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MsVit.MLNet.Events;

namespace MsVit.MLNet.Sweep;

/// <summary>Checks the rows of a sweep before its first trial, and tells them from other rows.</summary>
/// <remarks>
/// The fingerprint covers all labels and the content of about a thousand rows, but no paths: workers on several machines may have the
/// same data in different places.
/// </remarks>
internal static class SweepData
{
    private const int MostHashed = 1024;
    private const int HashedBytes = 64 << 10;

    /// <summary>Checks the columns and the classes.</summary>
    /// <returns>The fingerprint of the rows, in hexadecimal digits.</returns>
    /// <exception cref="ArgumentException">No trial could train on the data; the message says why.</exception>
    public static string Check(
        MLContext mlContext, IDataView data, MsVitOptions options, SearchSpace space, EventReadOptions? reading = null)
    {
        if (data.Schema.GetColumnOrNull(options.LabelColumnName) is null)
        {
            throw new ArgumentException($"The data has no label column '{options.LabelColumnName}'; its columns are {Names(data.Schema)}.");
        }
        if (IsEmpty(data))
        {
            throw new ArgumentException("The data has no rows.");
        }
        var rows = new TrialData(mlContext, data, options, reading ?? new()).Rows;
        var label = rows.Schema[options.LabelColumnName];
        if (label.Type is KeyDataViewType { Count: < 2 })
        {
            throw new ArgumentException("All rows of the data are of one class; classification needs at least 2.");
        }
        // A space that varies the preset may hold networks for images and for frames.
        var variesPreset = space.Parameters.Select(parameter => OptionKey.Find(parameter.Name))
            .Any(key => key is { IsPart: true, Part: nameof(MsVitOptions.Network) });
        if (!variesPreset && rows.Schema.GetColumnOrNull(options.InputColumnName) is not { } column)
        {
            throw new ArgumentException(
                $"The data has no column '{options.InputColumnName}', which the network reads; its columns are {Names(data.Schema)}.");
        }
        return Fingerprint(rows, label, Inputs(data.Schema, options));
    }

    private static bool IsEmpty(IDataView data)
    {
        using var cursor = data.GetRowCursor([]);
        return !cursor.MoveNext();
    }

    private static string Names(DataViewSchema schema) => string.Join(", ", schema.Select(column => column.Name));

    private static string Fingerprint(IDataView rows, DataViewSchema.Column label, string[] inputNames)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in ClassNames(label))
        {
            Add(hash, Encoding.UTF8.GetBytes(name));
        }
        var inputs = inputNames.Select(rows.Schema.GetColumnOrNull).OfType<DataViewSchema.Column>().ToArray();
        var step = Math.Max(1, (rows.GetRowCount() ?? 0) / MostHashed);
        using var cursor = rows.GetRowCursor([label, .. inputs]);
        var readClass = KeyColumn.IndexReader(cursor, label);
        Action<IncrementalHash>[] readers = [.. inputs.Select(input => Reader(cursor, input))];
        while (cursor.MoveNext())
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>([readClass()]));
            if (cursor.Position % step == 0)
            {
                Array.ForEach(readers, read => read(hash));
            }
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static IEnumerable<string> ClassNames(DataViewSchema.Column label)
    {
        if (!label.HasKeyValues())
        {
            return [];
        }
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        if (label.Annotations.Schema[AnnotationUtils.Kinds.KeyValues].Type is VectorDataViewType { ItemType: TextDataViewType })
        {
            label.GetKeyValues(ref names);
        }
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    // The file of a recording stands for its frames, which depend on the options of the trial.
    private static string[] Inputs(DataViewSchema schema, MsVitOptions options)
    {
        string[] teacher = options.TeacherColumnName is { } name ? [name] : [];
        return schema.GetColumnOrNull(options.InputColumnName) is null
            ? [EventColumns.Path, EventColumns.Start, EventColumns.End, .. teacher]
            : [options.InputColumnName, .. teacher];
    }

    private static Action<IncrementalHash> Reader(DataViewRow row, DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType => OfFile(row.GetGetter<ReadOnlyMemory<char>>(column)),
        NumberDataViewType number when number == NumberDataViewType.Int64 => OfNumber(row.GetGetter<long>(column)),
        ImageDataViewType => OfImage(row.GetGetter<MLImage>(column)),
        VectorDataViewType { ItemType: NumberDataViewType item } when item == NumberDataViewType.Byte =>
            OfVector(row.GetGetter<VBuffer<byte>>(column)),
        VectorDataViewType { ItemType: NumberDataViewType item } when item == NumberDataViewType.Single =>
            OfVector(row.GetGetter<VBuffer<float>>(column)),
        // Not an input of any network.
        _ => Ignore,
    };

    private static void Ignore(IncrementalHash hash)
    {
    }

    private static Action<IncrementalHash> OfFile(ValueGetter<ReadOnlyMemory<char>> getter)
    {
        ReadOnlyMemory<char> path = default;
        var buffer = new byte[HashedBytes];
        return hash =>
        {
            getter(ref path);
            var file = new FileInfo(path.ToString());
            // A missing file fails the trials that read it, with its name.
            if (file.Exists)
            {
                using var stream = file.OpenRead();
                var read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                hash.AppendData(MemoryMarshal.AsBytes<long>([stream.Length]));
                hash.AppendData(buffer, 0, read);
            }
        };
    }

    private static Action<IncrementalHash> OfNumber(ValueGetter<long> getter)
    {
        long value = 0;
        return hash =>
        {
            getter(ref value);
            hash.AppendData(MemoryMarshal.AsBytes<long>([value]));
        };
    }

    private static Action<IncrementalHash> OfImage(ValueGetter<MLImage> getter) => hash =>
    {
        MLImage? image = null;
        getter(ref image!);
        using (image)
        {
            Add(hash, image is null ? [] : image.Pixels);
        }
    };

    private static Action<IncrementalHash> OfVector<T>(ValueGetter<VBuffer<T>> getter) where T : unmanaged
    {
        var value = default(VBuffer<T>);
        return hash =>
        {
            getter(ref value);
            Add(hash, MemoryMarshal.AsBytes<T>([.. value.DenseValues()]));
        };
    }

    // The length keeps two values apart from one of both.
    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(MemoryMarshal.AsBytes<int>([bytes.Length]));
        hash.AppendData(bytes);
    }
}
