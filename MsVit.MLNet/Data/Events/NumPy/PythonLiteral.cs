using System.Globalization;

namespace MsVit.MLNet.Events;

/// <summary>
/// Parses the text of a NumPy header: dictionaries, lists, tuples, strings, integers, True, False and None. No code is executed.
/// </summary>
internal ref struct PythonLiteral(ReadOnlySpan<char> text)
{
    private const int MaxDepth = 8;

    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    /// <summary>Parses a text that is a single literal.</summary>
    /// <returns>Dictionary&lt;string, object?&gt;, List&lt;object?&gt;, string, long, bool or null.</returns>
    /// <exception cref="FormatException">The text is not a literal; the message says where.</exception>
    public static object? Parse(ReadOnlySpan<char> text)
    {
        var parser = new PythonLiteral(text);
        var value = parser.Value(0);
        return parser.Peek() == '\0' ? value : throw parser.Wrong("the end");
    }

    private object? Value(int depth) => (Peek(), depth < MaxDepth) switch
    {
        ('{', true) => Dictionary(depth),
        ('[', true) => Sequence(']', depth),
        ('(', true) => Sequence(')', depth),
        ('\'' or '"', _) => Text(),
        ( >= '0' and <= '9', _) => Number(),
        _ => Word(),
    };

    private Dictionary<string, object?> Dictionary(int depth)
    {
        var values = new Dictionary<string, object?>();
        _at++;
        while (Peek() != '}')
        {
            var key = Text();
            Take(':');
            values[key] = Value(depth + 1);
            if (Peek() != '}')
            {
                Take(',');
            }
        }
        _at++;
        return values;
    }

    private List<object?> Sequence(char end, int depth)
    {
        var values = new List<object?>();
        _at++;
        while (Peek() != end)
        {
            values.Add(Value(depth + 1));
            if (Peek() != end)
            {
                Take(',');
            }
        }
        _at++;
        return values;
    }

    private string Text()
    {
        var quote = Peek();
        var length = quote is '\'' or '"' ? _text[(_at + 1)..].IndexOf(quote) : -1;
        if (length < 0)
        {
            throw Wrong("a string");
        }
        var value = _text.Slice(_at + 1, length).ToString();
        _at += length + 2;
        return value;
    }

    private long Number()
    {
        var start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }
        return long.TryParse(_text[start.._at], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong("a smaller number");
    }

    private object? Word()
    {
        foreach (var (word, value) in (ReadOnlySpan<(string, object?)>)[("True", true), ("False", false), ("None", null)])
        {
            if (_text[_at..].StartsWith(word))
            {
                _at += word.Length;
                return value;
            }
        }
        throw Wrong("a value");
    }

    private void Take(char expected)
    {
        if (Peek() != expected)
        {
            throw Wrong($"'{expected}'");
        }
        _at++;
    }

    private char Peek()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
        return _at < _text.Length ? _text[_at] : '\0';
    }

    private readonly FormatException Wrong(string expected) => new($"expected {expected} at character {_at}");
}
