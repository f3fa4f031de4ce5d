using System.Buffers.Binary;
using System.Text;

namespace MsVit.MLNet;

/// <summary>Reads the part of Python's pickle format that state dicts use, and rejects the rest.</summary>
/// <remarks>
/// A pickle is a program for a stack machine. This machine has no instruction that runs code: it builds strings, numbers, lists, tuples,
/// dictionaries and descriptions of tensors. No pickle can make it allocate more than a small multiple of the pickle's size. It reads the
/// formats 2 to 5 of Python's documentation of pickletools.
/// </remarks>
/// <param name="bytes">The pickle.</param>
/// <param name="source">Names the pickle in messages.</param>
internal sealed class PickleReader(ReadOnlyMemory<byte> bytes, string source)
{
    private static readonly object Mark = new();

    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private int _at;
    private int _begun;

    /// <summary>
    /// The object in the pickle: null, bool, long, double, string, object?[] (a tuple), List, <see cref="PickleDictionary"/> or
    /// <see cref="StoredTensor"/>.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The pickle is malformed, or contains what no state dict needs; the message names the byte.
    /// </exception>
    public object? Read()
    {
        while (true)
        {
            _begun = _at;
            var code = Take(1)[0];
            if (code == '.')
            {
                var result = Pop();
                return _stack.Count == 0 ? result : throw Bad("something is left on the stack at the end");
            }
            Step(code);
        }
    }

    private void Step(byte code)
    {
        switch (code)
        {
            case 0x80:                                                  // PROTO
                if (Take(1)[0] is var version and (< 2 or > 5))
                {
                    throw Bad($"its format is {version}; 2 to 5 are read");
                }
                break;
            case 0x95: Take(8); break;                                  // FRAME
            case (byte)'}': Push(new PickleDictionary()); break;
            case (byte)']': Push(new List<object?>()); break;
            case (byte)')': Push(Array.Empty<object?>()); break;
            case (byte)'(': Push(Mark); break;
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'K': Push((long)Take(1)[0]); break;              // BININT1
            case (byte)'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case (byte)'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case 0x8A: Push(Long(Take(Take(1)[0]))); break;             // LONG1
            case (byte)'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case (byte)'X': Push(Text(Take(Length(4)))); break;         // BINUNICODE
            case 0x8C: Push(Text(Take(Take(1)[0]))); break;             // SHORT_BINUNICODE
            case (byte)'q': _memo[Take(1)[0]] = Top(); break;           // BINPUT
            case (byte)'r': _memo[Length(4)] = Top(); break;
            case 0x94: _memo[_memo.Count] = Top(); break;               // MEMOIZE
            case (byte)'h': Push(Remembered(Take(1)[0])); break;        // BINGET
            case (byte)'j': Push(Remembered(Length(4))); break;
            case (byte)'t': Push(PopToMark()); break;                   // TUPLE
            case 0x85: Push(PopMany(1)); break;
            case 0x86: Push(PopMany(2)); break;
            case 0x87: Push(PopMany(3)); break;
            case (byte)'a': List(Pop()); break;                         // APPEND
            case (byte)'e': List(PopToMark()); break;
            case (byte)'s': Items(PopMany(2)); break;                   // SETITEM
            case (byte)'u': Items(PopToMark()); break;
            case (byte)'c': Push(Global(Line(), Line())); break;        // GLOBAL
            case 0x93: StackGlobal(); break;
            case (byte)'Q': Push(Storage(Pop())); break;                // BINPERSID
            case (byte)'R': Reduce(); break;
            case (byte)'b': Build(); break;
            default: throw Bad($"its instruction 0x{code:X2} is none that a state dict needs");
        }
    }

    // One item for APPEND, several for APPENDS.
    private void List(params object?[] items)
    {
        if (Top() is not List<object?> list)
        {
            throw Bad("it appends to something that is not a list");
        }
        list.AddRange(items);
    }

    private void Items(object?[] items)
    {
        if (Top() is not PickleDictionary dictionary || items.Length % 2 != 0)
        {
            throw Bad("it sets items of something that is not a dictionary, or a key without a value");
        }
        for (var i = 0; i < items.Length; i += 2)
        {
            dictionary.Add(items[i], items[i + 1]);
        }
    }

    private PickleGlobal Global(string module, string name)
    {
        var global = new PickleGlobal($"{module}.{name}");
        return global.IsKnown ? global : throw Bad(
            $"it names {global.Name}, which no state dict needs and which is not run here. "
            + "Save only the weights: torch.save(model.state_dict(), \"weights.pth\")");
    }

    private void StackGlobal()
    {
        var names = PopMany(2);
        Push(names is [string module, string name] ? Global(module, name) : throw Bad("a name is not a string"));
    }

    private TorchStorage Storage(object? id) =>
        id is object?[] and ["storage", PickleGlobal type, string key, string, long length]
            && TorchStorage.TypeOf(type.Name) is { } element && length >= 0
            ? new(key, element, length)
            : throw Bad("it describes a storage differently from torch.save");

    private void Reduce()
    {
        var call = PopMany(2);
        Push(call switch
        {
            [PickleGlobal { Name: PickleGlobal.OrderedDict }, object?[] and []] => new PickleDictionary(),
            [PickleGlobal { Name: PickleGlobal.RebuildTensor }, object?[] and
                [TorchStorage storage, long offset, object?[] sizes, object?[] strides, ..]] => Tensor(storage, offset, sizes, strides),
            [PickleGlobal { Name: PickleGlobal.RebuildParameter }, object?[] and [StoredTensor tensor, ..]] => tensor,
            _ => throw Bad("it calls something with other arguments than torch.save"),
        });
    }

    // Every element must lie in the storage, at most once.
    private StoredTensor Tensor(TorchStorage storage, long offset, object?[] sizes, object?[] strides)
    {
        if (sizes.Length > 16 || sizes.Length != strides.Length || offset < 0
            || sizes.Concat(strides).Any(number => number is not (long and >= 0)))
        {
            throw Bad("a tensor's sizes and strides must be at most 16 whole numbers each, 0 or more");
        }
        var tensor = new StoredTensor(storage, offset, [.. sizes.Cast<long>()], [.. strides.Cast<long>()]);
        var (count, last) = ((Int128)1, (Int128)offset);
        foreach (var (size, stride) in tensor.Sizes.Zip(tensor.Strides))
        {
            count = Int128.Min(count * size, long.MaxValue);
            last += Int128.Min((Int128)Math.Max(0, size - 1) * stride, long.MaxValue);
        }
        return count == 0 || (last < storage.Length && count <= storage.Length)
            ? tensor
            : throw Bad(
                $"a tensor [{string.Join(", ", tensor.Sizes)}] with strides [{string.Join(", ", tensor.Strides)}] from {offset} on "
                + $"does not lie in its storage of {storage.Length} numbers");
    }

    // The only attributes of a state dict are versions of modules.
    private void Build()
    {
        _ = Pop();
        if (Top() is not PickleDictionary)
        {
            throw Bad("it sets attributes of something that is not a dictionary");
        }
    }

    private long Long(ReadOnlySpan<byte> number)
    {
        if (number.Length > sizeof(long))
        {
            throw Bad($"an integer has {number.Length} bytes; at most 8 are read");
        }
        var value = number.Length > 0 && (number[^1] & 0x80) != 0 ? -1L : 0;
        for (var i = number.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | number[i];
        }
        return value;
    }

    private string Text(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8);
        }
        catch (DecoderFallbackException e)
        {
            throw Bad("a string is not UTF-8", e);
        }
    }

    private string Line()
    {
        var end = bytes.Span[_at..].IndexOf((byte)'\n');
        if (end < 0)
        {
            throw Bad("a line does not end");
        }
        var line = Text(Take(end));
        _at++;
        return line;
    }

    private int Length(int size) => BinaryPrimitives.ReadUInt32LittleEndian(Take(size)) is var length && length <= int.MaxValue
        ? (int)length : throw Bad($"a length is {length}");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - _at)
        {
            throw Bad($"{count} bytes are expected at byte {_at}, but {bytes.Length - _at} are there");
        }
        var taken = bytes.Span.Slice(_at, count);
        _at += count;
        return taken;
    }

    private object? Remembered(long key) =>
        _memo.TryGetValue(key, out var value) ? value : throw Bad($"it recalls {key}, which was not stored");

    private void Push(object? value) => _stack.Add(value);

    private object? Top() => _stack.Count > 0 && _stack[^1] != Mark ? _stack[^1] : throw Bad("its stack is empty");

    private object? Pop()
    {
        var top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object?[] PopMany(int count)
    {
        var items = new object?[count];
        for (var i = count - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }
        return items;
    }

    private object?[] PopToMark()
    {
        var mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
        {
            throw Bad("a mark is missing");
        }
        object?[] items = [.. _stack.Skip(mark + 1)];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private InvalidDataException Bad(string what, Exception? cause = null) => new($"{source}, byte {_begun}: {what}.", cause);
}
